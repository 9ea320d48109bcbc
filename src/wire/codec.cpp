#include "paxbank/wire/codec.hpp"

#include "paxbank/wire/reader.hpp"
#include "paxbank/wire/writer.hpp"

#include <algorithm>

namespace paxbank::wire {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

/// No message nests deeper; a long line that does is refused before it takes memory.
constexpr int depth_limit = 8;
/// Of an unknown type no more is repeated.
constexpr std::size_t type_limit = 64;
constexpr std::size_t short_line = std::size_t{64} << 10U;

/// Reads the document as the type that it names, if that is among these.
template <class... Types>
bool read_as(std::variant<Types...>* /*one of these*/, const Json& document, std::uint32_t nodes,
             std::string_view type, Decoded& decoded) {
  const auto try_one = [&]<class Type>(Type* /*one of them*/) {
    if (type != Layout<Type>::type) return false;
    decoded = Reader(document, {nodes}, std::string(type)).read<Type>();
    return true;
  };
  return (try_one(static_cast<Types*>(nullptr)) || ...);
}

Decoded read(const Json& document, std::uint32_t nodes) {
  if (!document.is_object()) throw DecodeError{"not a JSON object"};
  const auto field = document.find("type");
  if (field == document.end()) throw DecodeError{"field \"type\" is missing"};
  const auto* type = field->get_ptr<const std::string*>();
  if (type == nullptr) throw DecodeError{"field \"type\" must be a string"};
  Decoded decoded;
  if (read_as(static_cast<Message*>(nullptr), document, nodes, *type, decoded)) return decoded;
  if (read_as(static_cast<std::variant<Hello>*>(nullptr), document, nodes, *type, decoded)) {
    return decoded;
  }
  throw DecodeError{"unknown type \"" + printable(type->substr(0, type_limit)) + "\""};
}

Json parse(std::string_view line) {
  if (line.size() <= short_line) return Json::parse(line);
  return Json::parse(line, [](int depth, Json::parse_event_t, const Json&) {
    if (depth > depth_limit) throw DecodeError{"JSON nested too deeply"};
    return true;
  });
}

template <class Type>
Ordered as_written(const Type& value) {
  std::string text;
  Writer(text).value(value);
  return Ordered::parse(text);
}

}  // namespace

Ordered to_json(const Ballot& ballot) { return as_written(ballot); }
Ordered to_json(const Transaction& transaction) { return as_written(transaction); }
Ordered to_json(const Command& command) { return as_written(command); }
Ordered to_json(const std::vector<AcceptedEntry>& entries) { return as_written(entries); }
Ordered to_json(const Message& message) { return Ordered::parse(encode(message)); }

bool is_name(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !text.empty() && text.size() <= Name::size_limit &&
         std::none_of(text.begin(), text.end(), control);
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return shown;
}

std::string error_line(std::string_view reason) {
  const Ordered line{{"type", "ERROR"}, {"reason", reason}};
  return line.dump(-1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

Decoded decode(std::string_view line, std::uint32_t nodes) {
  try {
    return read(parse(line), nodes);
  } catch (const DecodeError& error) {
    return Fault{error.reason};
  } catch (const Json::parse_error& error) {
    return Fault{"not JSON (at byte " + std::to_string(error.byte) + " of the line)"};
  } catch (const Json::exception& error) {
    return Fault{"not a message: " + printable(error.what())};
  }
}

}  // namespace paxbank::wire
