#include "paxbank/core/trace.hpp"

#include "paxbank/core/describe.hpp"

namespace paxbank {

std::string name_of(const Destination& party) {
  if (const auto* node = std::get_if<NodeId>(&party)) return describe(*node);
  if (const auto* client = std::get_if<ClientId>(&party)) return client->value.str();
  return "all";
}

std::string cause_of(const Message& message, const Destination& from) {
  const std::string text = describe(message);
  return text.substr(0, text.find(' ')) + " from " + name_of(from);
}

void trace_output(const TraceSink& sink, TimePoint time, std::string_view node,
                  const Output& output, std::string_view cause) {
  for (const Event& event : output.events) {
    sink({time, node, "event", "", nullptr, describe(event), cause});
  }
  for (const Executed& executed : output.executed) {
    sink({time, node, "execute", "", nullptr, describe(executed), cause});
  }
  for (const Envelope& envelope : output.messages) {
    sink({time, node, "send", name_of(envelope.to), &envelope.message, "", cause});
  }
}

void trace_client(const TraceSink& sink, TimePoint time, const ClientId& client,
                  const ClientOutput& output, std::string_view cause) {
  const std::string_view name = client.value.view();
  if (output.answer) {
    const std::string what = describe(Command{output.answer->request}) + " " +
                             std::string(to_string(output.answer->result));
    sink({time, name, "answer", "", nullptr, what, cause});
  }
  for (const Envelope& envelope : output.messages) {
    sink({time, name, "send", name_of(envelope.to), &envelope.message, "", cause});
  }
}

}  // namespace paxbank
