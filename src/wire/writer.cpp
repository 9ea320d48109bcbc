// The way out: messages as JSON Lines, written in place. The same bytes as to_json(message).dump().
#include "paxbank/wire/codec.hpp"

#include <charconv>
#include <limits>

namespace paxbank::wire {
namespace {

/// Appends JSON; the caller sees to the commas.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void raw(std::string_view text) { out_ += text; }

  template <class Number>
  void number(Number value) {
    char digits[std::numeric_limits<Number>::digits10 + 3];
    const auto result = std::to_chars(digits, digits + sizeof digits, value);
    out_.append(digits, result.ptr);
  }

  /// Names hold no control characters, so only these two need a backslash.
  void name(const Name& name) {
    out_ += '"';
    for (const char c : name.view()) {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
  }

  void ballot(const Ballot& ballot) {
    out_ += '[';
    number(ballot.round);
    out_ += ',';
    number(ballot.node.value);
    out_ += ']';
  }

  /// The fields of a request, without its braces.
  void request(const Request& request) {
    raw("\"client_id\":");
    name(request.client.value);
    raw(",\"timestamp\":");
    number(request.timestamp.value);
    raw(",\"transaction\":[");
    name(request.transaction.from.value);
    out_ += ',';
    name(request.transaction.to.value);
    out_ += ',';
    number(request.transaction.amount.value);
    out_ += ']';
  }

  void command(const Command& command) {
    if (const auto* wanted = std::get_if<Request>(&command)) {
      out_ += '{';
      request(*wanted);
      out_ += '}';
    } else {
      raw("\"no-op\"");
    }
  }

  void commands(const std::vector<Command>& commands) {
    if (commands.size() == 1) {
      raw(",\"request\":");
      command(commands.front());
      return;
    }
    raw(",\"requests\":[");
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (i > 0) out_ += ',';
      command(commands[i]);
    }
    out_ += ']';
  }

  void accept_log(const std::vector<AcceptedEntry>& entries) {
    raw(",\"accept_log\":[");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      raw(i > 0 ? ",[" : "[");
      ballot(entries[i].ballot);
      out_ += ',';
      number(entries[i].sequence.value);
      out_ += ',';
      command(entries[i].command);
      out_ += ']';
    }
    out_ += ']';
  }

  /// `{"type":"…","ballot":…`
  void head(std::string_view type, const Ballot& its) {
    raw("{\"type\":\"");
    raw(type);
    raw("\",\"ballot\":");
    ballot(its);
  }

  void field(std::string_view comma_and_key, SequenceNumber value) {
    raw(comma_and_key);
    number(value.value);
  }

  void field(std::string_view comma_and_key, NodeId value) {
    raw(comma_and_key);
    number(value.value);
  }

 private:
  std::string& out_;
};

struct Write {
  Writer& out;

  void operator()(const Prepare& m) const {
    out.head("PREPARE", m.ballot);
    out.field(",\"from_sequence\":", m.from_sequence);
  }
  void operator()(const Promise& m) const {
    out.head("PROMISE", m.ballot);
    out.field(",\"node_id\":", m.node);
    out.field(",\"from_sequence\":", m.from_sequence);
    if (m.next_sequence) out.field(",\"next_sequence\":", *m.next_sequence);
    out.accept_log(m.accept_log);
  }
  void operator()(const NewView& m) const {
    out.head("NEW_VIEW", m.ballot);
    out.accept_log(m.accept_log);
  }
  void operator()(const Accept& m) const {
    out.head("ACCEPT", m.ballot);
    out.field(",\"sequence_number\":", m.sequence);
    out.commands(m.commands);
    if (m.committed.value > 0) out.field(",\"committed\":", m.committed);
  }
  void operator()(const Accepted& m) const {
    out.head("ACCEPTED", m.ballot);
    out.field(",\"sequence_number\":", m.sequence);
    if (m.through != m.sequence) out.field(",\"through\":", m.through);
    out.field(",\"node_id\":", m.node);
  }
  void operator()(const Commit& m) const {
    out.head("COMMIT", m.ballot);
    out.field(",\"sequence_number\":", m.sequence);
    if (m.commands.empty()) {
      out.field(",\"through\":", m.through);
    } else {
      out.commands(m.commands);
    }
  }
  void operator()(const Request& m) const {
    out.raw("{\"type\":\"REQUEST\",");
    out.request(m);
  }
  void operator()(const Reply& m) const {
    out.head("REPLY", m.ballot);
    out.raw(",\"client_id\":");
    out.name(m.client.value);
    out.raw(",\"timestamp\":");
    out.number(m.timestamp.value);
    out.raw(m.result == Result::success ? ",\"result\":\"success\"" : ",\"result\":\"failed\"");
    if (m.sequence.value > 0) out.field(",\"sequence_number\":", m.sequence);
  }
  void operator()(const Heartbeat& m) const {
    out.head("HEARTBEAT", m.ballot);
    out.field(",\"node_id\":", m.node);
    out.field(",\"committed\":", m.committed);
    out.field(",\"executed\":", m.executed);
    if (!m.in_view) out.raw(",\"in_view\":false");
    if (m.stable.value > 0) out.field(",\"stable\":", m.stable);
  }
  void operator()(const Checkpoint& m) const {
    out.raw("{\"type\":\"CHECKPOINT\"");
    out.field(",\"node_id\":", m.node);
    out.field(",\"sequence_number\":", m.sequence);
    out.raw(",\"balances\":[");
    for (std::size_t i = 0; i < m.balances.size(); ++i) {
      out.raw(i > 0 ? ",[" : "[");
      out.name(m.balances[i].first.value);
      out.raw(",");
      out.number(m.balances[i].second.value);
      out.raw("]");
    }
    out.raw("],\"sessions\":[");
    for (std::size_t i = 0; i < m.sessions.size(); ++i) {
      const auto& [client, session] = m.sessions[i];
      out.raw(i > 0 ? ",[" : "[");
      out.name(client.value);
      out.raw(",");
      out.number(session.timestamp.value);
      out.raw(session.result == Result::success ? ",\"success\"" : ",\"failed\"");
      out.field(",", session.sequence);
      out.raw("]");
    }
    out.raw("]");
  }
};

}  // namespace

void append(std::string& out, const Message& message) {
  Writer writer(out);
  std::visit(Write{writer}, message);
  out += "}\n";
}

std::string encode(const Message& message) {
  std::string line;
  append(line, message);
  return line;
}

}  // namespace paxbank::wire
