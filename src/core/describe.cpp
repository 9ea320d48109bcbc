#include "paxbank/core/describe.hpp"

#include "paxbank/core/layout.hpp"

namespace paxbank {
namespace {

std::string number(SequenceNumber sequence) { return std::to_string(sequence.value); }

std::string slot(Ballot ballot, SequenceNumber sequence, const Command& command) {
  return describe(ballot) + " " + number(sequence) + ": " + describe(command);
}

/// A message in words, as its layout has it: most fields by name and value, those that a reader
/// knows by their looks without the name. A layout's visitor.
class Words {
 public:
  template <class Type>
  explicit Words(const Type& message) : text_(Layout<Type>::type) {
    Layout<Type>::fields(*this, message);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

  void field(auto key, const auto& x) {
    const std::string_view name = key.name;
    // Who sends it and how far that node has executed stands elsewhere, or says nothing new.
    if (name == "node_id" || name == "executed" || name == "stable") return;
    if (name == "in_view") {
      text_ += " not in view";
    } else if (name == "from_sequence") {
      add(" from ", x);
    } else if (name == "next_sequence") {
      add(" more from ", x);
    } else if (name == "through") {
      if (word(x) != number(slot_)) add("..", x);
    } else if (name == "timestamp") {
      add("#", x);
    } else if (name == "ballot" || name == "accept_log" || name == "client_id" ||
               name == "result" || name == "transaction" || name == "sequence_number") {
      add(" ", x);
    } else {
      add(" " + std::string(name) + " ", x);
    }
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(x)>, SequenceNumber>) slot_ = x;
  }
  void point(auto key, SequenceNumber n) { field(key, n); }
  template <class Type>
  void field_or(auto key, const Type& x, const Type& absent) {
    if (x == absent) return;
    if (key.name == "sequence_number") {  // of a slot that the message is not about
      add(" at ", x);
    } else {
      field(key, x);
    }
  }
  /// Left out where it says what would be taken for granted.
  template <class Type>
  void always_or(auto key, const Type& x, const Type& absent) {
    field_or(key, x, absent);
  }
  void optional(auto key, const auto& maybe) {
    if (maybe) field(key, *maybe);
  }
  /// For slots in a row: each with its number.
  void one_or_many(auto /*one*/, auto /*many*/, const std::vector<Command>& commands) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (i > 0) text_ += ", " + number({slot_.value + i});
      text_ += ": " + describe(commands[i]);
    }
  }
  [[nodiscard]] bool chooses(auto /*key*/, bool written) const { return written; }
  static void check(bool /*holds*/, auto /*key*/, const char* /*expected*/) {}

 private:
  void add(std::string_view before, const auto& x) { (text_ += before) += word(x); }

  static std::string word(const ClientId& client) { return client.value.str(); }
  static std::string word(Timestamp timestamp) { return std::to_string(timestamp.value); }
  static std::string word(SequenceNumber sequence) { return number(sequence); }
  static std::string word(Result result) { return std::string(to_string(result)); }
  static std::string word(NodeId node) { return describe(node); }
  static std::string word(bool truth) { return truth ? "yes" : "no"; }
  static std::string word(const Ballot& ballot) { return describe(ballot); }
  static std::string word(const Transaction& transaction) { return describe(transaction); }
  static std::string word(const std::vector<AcceptedEntry>& entries) { return describe(entries); }
  template <class Item>
  static std::string word(const std::vector<Item>& items) {
    return std::to_string(items.size());
  }

  std::string text_;
  SequenceNumber slot_;  ///< the sequence number that was named last
};

struct DescribeEvent {
  std::string operator()(const StoodForElection& e) const {
    return "stands for election in " + describe(e.ballot);
  }
  std::string operator()(const Promised& e) const { return "promises " + describe(e.ballot); }
  std::string operator()(const BecameLeader& e) const { return "leads in " + describe(e.ballot); }
  std::string operator()(const SteppedDown& e) const {
    return "steps down from " + describe(e.ballot) + ": " + std::string(e.reason);
  }
  std::string operator()(const FollowsLeader& e) const { return "follows " + describe(e.ballot); }
  std::string operator()(const SawNewView& e) const {
    return "new view " + describe(e.ballot) + " " + describe(e.entries);
  }
  std::string operator()(const Refused& e) const { return "refuses: " + e.reason; }
  std::string operator()(const Compacted& e) const {
    return (e.installed ? "installs another node's checkpoint at " : "lets its log go up to ") +
           number(e.base);
  }
};

}  // namespace

std::string describe(NodeId node) { return "n" + std::to_string(node.value); }

std::string describe(const Ballot& ballot) {
  return "(" + std::to_string(ballot.round) + "," + describe(ballot.node) + ")";
}

std::string describe(const Transaction& transaction) {
  return transaction.from.value.str() + "->" + transaction.to.value.str() + " " +
         std::to_string(transaction.amount.value);
}

std::string describe(const Command& command) {
  const auto* request = std::get_if<Request>(&command);
  if (request == nullptr) return "no-op";
  return describe(request->transaction) + " (" + request->client.value.str() + "#" +
         std::to_string(request->timestamp.value) + ")";
}

std::string describe(const std::vector<AcceptedEntry>& entries) {
  std::string text = "[";
  for (const AcceptedEntry& entry : entries) {
    if (text.size() > 1) text += ", ";
    text += slot(entry.ballot, entry.sequence, entry.command);
  }
  return text + "]";
}

std::string describe(const Message& message) {
  if (const auto* request = std::get_if<Request>(&message)) {
    return "REQUEST " + describe(Command{*request});
  }
  return std::visit([](const auto& m) { return Words(m).take(); }, message);
}

std::string describe(const Event& event) { return std::visit(DescribeEvent{}, event); }

std::string describe(const Executed& executed) {
  std::string text = "executes " + number(executed.sequence) + ": " + describe(executed.command);
  if (executed.result) text += " " + std::string(to_string(*executed.result));
  if (!executed.applied && std::holds_alternative<Request>(executed.command)) text += " (again)";
  return text;
}

}  // namespace paxbank
