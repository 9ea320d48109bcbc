#include "paxbank/core/describe.hpp"
#include "paxbank/scenario/report.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <utility>

namespace paxbank::scenario {
namespace {

std::string milliseconds(Duration duration) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << static_cast<double>(duration.count()) / 1000.0
      << " ms";
  return out.str();
}

std::string list(const std::vector<NodeId>& nodes) {
  if (nodes.empty()) return "none";
  std::string text;
  for (const NodeId node : nodes) text += (text.empty() ? "" : " ") + paxbank::describe(node);
  return text;
}

/// "1 set", "2 sets".
std::string count(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string describe(const Tally& tally) {
  return std::to_string(tally.success) + " success, " + std::to_string(tally.failed) + " failed, " +
         std::to_string(tally.timeout) + " timeout" +
         (tally.dropped > 0 ? ", " + std::to_string(tally.dropped) + " dropped" : "");
}

std::string describe(const Live& live) {
  return (live.quorum() ? "" : "no quorum: ") + std::to_string(live.count) + " of " +
         std::to_string(live.of) + " are live";
}

/// "1 3 to 5".
std::string ranges(const std::vector<std::int64_t>& sets) {
  std::string text;
  for (std::size_t i = 0; i < sets.size();) {
    std::size_t last = i;
    while (last + 1 < sets.size() && sets[last + 1] == sets[last] + 1) ++last;
    text += " " + std::to_string(sets[i]);
    if (last > i) text += " to " + std::to_string(sets[last]);
    i = last + 1;
  }
  return text;
}

Colour colour_of(Outcome outcome) {
  constexpr Colour colours[] = {Colour::green, Colour::yellow, Colour::red, Colour::red};
  return colours[static_cast<int>(outcome)];
}

/// What the nodes that have executed most agree on for an account: what another of them differs
/// from.
std::optional<Amount> usual_balance(const Balances& balances, const AccountId& account) {
  std::map<Amount, int> counts;
  for (const NodeBalances& of : balances) {
    if (of.accounts && !of.behind) ++counts[of.accounts->at(account)];
  }
  if (counts.empty()) return std::nullopt;
  return std::max_element(
             counts.begin(), counts.end(),
             [](const auto& left, const auto& right) { return left.second < right.second; })
      ->first;
}

void write_audit(std::ostream& out, const AuditReport& audit) {
  const auto say = [&](const char* check, bool ok) {
    out << "  " << std::left << std::setw(14) << check << (ok ? "holds" : "BROKEN") << std::right
        << "\n";
  };
  say("agreement", audit.agreement);
  say("order", audit.order);
  say("exactly once", audit.exactly_once);
  say("conservation", audit.conservation);
  const char* before = "  not seen      ";
  for (const auto& [node, why] : audit.unseen) {
    out << std::exchange(before, ", ") << paxbank::describe(node) << " (" << why << ")";
  }
  if (!audit.unseen.empty()) out << "\n";
  for (const std::string& finding : audit.findings) out << "  ! " << finding << "\n";
}

constexpr std::size_t account_width = 8;
constexpr std::size_t balance_width = 9;

struct Write {
  std::ostream& out;
  Style style;

  void operator()(const SetBegins& e) const {
    out << "\nSet " << e.set << ", live nodes: " << list(e.live) << (e.quorum ? "" : " (no quorum)")
        << "\n";
  }
  void operator()(const LeaderKnown& e) const { out << "  " << leads(e.leader) << "\n"; }
  void operator()(const RowDone& e) const { write_row(e, std::to_string(e.row)); }
  void operator()(const Resolved& e) const {
    out << (e.row.outcome == Outcome::dropped ? "  given up now, " : "  answered now, ");
    if (e.row_set > 0) out << "set " << e.row_set << " ";
    out << "row " << e.row.row << ":\n";
    write_row(e.row, "");
  }
  void operator()(const LeaderFailed& e) const {
    out << "    LF  "
        << (e.node ? paxbank::describe(*e.node) + " fails" : "there is no leader to fail")
        << (e.live.quorum() ? "" : "; " + describe(e.live)) << "\n";
  }
  void operator()(const ConnectionsChanged& e) const {
    out << "  " << (e.nodes.empty() ? "nothing changes" : list(e.nodes));
    if (!e.nodes.empty()) {
      out << (e.nodes.size() == 1 ? " is " : " are ") << (e.connected ? "back" : "cut off");
    }
    out << "; " << describe(e.live) << "\n";
  }
  void operator()(const Killed& e) const {
    out << "    KILL  ";
    if (e.nodes.empty() && !e.clients) {
      out << "nothing lived there";
    } else {
      out << (e.clients ? "the clients" : list(e.nodes))
          << (e.nodes.size() == 1 ? " is dead" : " are dead");
    }
    out << "; " << describe(e.live) << "\n";
  }
  void operator()(const Restarted& e) const {
    out << "    RESTART  ";
    if (e.clients) out << "the clients are back";
    if (!e.nodes.empty()) out << list(e.nodes) << (e.nodes.size() == 1 ? " is back" : " are back");
    if (!e.clients && e.nodes.empty()) {
      out << (e.failed.empty() && e.clients_failed.empty() ? "nothing was dead there"
                                                           : "nothing is back");
    }
    out << "; " << describe(e.live) << "\n";
    for (const auto& [node, why] : e.failed) {
      out << "    " << painted(paxbank::describe(node) + " does not come back", Colour::red, style)
          << ": " << why << "\n";
    }
    if (!e.clients_failed.empty()) {
      out << "    " << painted("the clients do not come back", Colour::red, style) << ": "
          << e.clients_failed << "\n";
    }
  }
  void operator()(const SetEnds& e) const {
    out << "Set " << e.set << " is over: " << describe(e.tally) << "; "
        << (e.leader ? leads(*e.leader) : "nobody leads") << "\n";
    write_balances(e.balances);
  }
  void operator()(const Summary& e) const {
    out << "\nIn all: " << count(e.sets, "set") << ", " << count(e.tally.total(), "transaction")
        << ": " << describe(e.tally) << "\n";
    write_audit(out, e.audit);
    if (!e.not_run.empty()) {
      out << count(e.not_run.size(), "set") << " not run:" << ranges(e.not_run) << "\n";
    }
    if (!e.ok) {
      out << painted("NOT well: see above.", Colour::red, style) << "\n";
    } else if (e.not_run.empty()) {
      out << painted("All well.", Colour::green, style) << "\n";
    } else {
      out << "All that was run is well.\n";
    }
  }
  void operator()(const ProcessTold& e) const {
    const bool good = std::holds_alternative<ProcessAnswers>(e.news);
    out << "  " << painted(scenario::describe(e.news), good ? Colour::green : Colour::red, style)
        << "\n";
  }
  void operator()(const DbShown& e) const { write_balances(e.balances); }
  void operator()(const LogShown& e) const {
    const std::string name = paxbank::describe(e.node);
    if (!e.log) {
      out << name << "'s process is gone or does not answer\n";
      return;
    }
    out << name << "'s log (" << e.log->size() << " entries"
        << (e.base.value > 0 ? ", from " + std::to_string(e.base.next().value) +
                                   " on; a checkpoint stands for what is before"
                             : "")
        << ")\n";
    for (const LogLine& line : *e.log) {
      out << std::setw(8) << line.sequence.value << "  " << to_letter(line.entry.status) << "  "
          << std::left << std::setw(9) << paxbank::describe(line.entry.ballot) << std::right
          << paxbank::describe(line.entry.command) << "\n";
    }
    write_messages(name, e.messages);
  }
  void operator()(const StatusShown& e) const {
    for (const auto& [node, base, status] : e.statuses) {
      out << "  " << paxbank::describe(node) << "  " << e.sequence.value << ": ";
      if (status) {
        constexpr const char* words[] = {"X, nothing there", "A, accepted", "C, committed",
                                         "E, executed"};
        out << words[static_cast<int>(*status)];
        if (e.sequence <= base) {
          out << " (its log begins at " << base.next().value << ")";
        }
        out << "\n";
      } else {
        out << "its process is gone or does not answer\n";
      }
    }
  }
  void operator()(const ViewShown& e) const {
    const std::string name = paxbank::describe(e.node);
    if (!e.views) {
      out << name << "'s process is gone or does not answer\n";
      return;
    }
    out << name << " has seen " << count(e.views->size(), "new view") << "\n";
    for (const View& view : *e.views) {
      out << "  NEW_VIEW ballot " << paxbank::describe(view.ballot) << ", leader "
          << paxbank::describe(view.ballot.node) << ", " << count(view.entries.size(), "slot")
          << "\n";
      for (const AcceptedEntry& entry : view.entries) {
        out << std::setw(8) << entry.sequence.value << "  from " << paxbank::describe(entry.ballot)
            << "  " << paxbank::describe(entry.command) << "\n";
      }
    }
  }
  void operator()(const LeaderShown& e) const {
    out << "  " << (e.leader ? leads(*e.leader) : "nobody leads") << "\n";
    for (const LeaderInfo& believer : e.believers) {
      out << "  " << paxbank::describe(believer.node) << " believes that it leads in ballot "
          << paxbank::describe(believer.ballot) << ", without a quorum\n";
    }
  }
  void operator()(const NodesShown& e) const {
    for (const auto& [node, state] : e.nodes) {
      const ReplicaStatus& status = state.status;
      out << "  " << paxbank::describe(node) << "  " << std::left;
      if (state.port != 0) out << std::setw(17) << "127.0.0.1:" + std::to_string(state.port);
      if (state.alive && !state.answers) {
        out << painted("does not answer", Colour::red, style) << std::right << "\n";
        continue;
      }
      if (!state.alive) {
        out << painted("dead", Colour::red, style) << std::right << " (restart "
            << paxbank::describe(node) << " brings it back)\n";
        continue;
      }
      write_state(status);
      out << std::right << " executed " << status.executed.value << ", committed "
          << status.committed.value << ", log to " << status.last.value << ", promised "
          << paxbank::describe(status.promised);
      if (status.follows && status.role == RoleName::backup) {
        out << ", follows " << paxbank::describe(*status.follows);
      }
      if (state.pid != 0) out << ", pid " << state.pid;
      write_store(e, node);
      out << "\n";
    }
  }
  void operator()(const CheckShown& e) const { write_audit(out, e.audit); }
  void operator()(const HelpShown&) const {
    for (const CommandHelp& line : command_help()) {
      out << "  " << std::left << std::setw(22) << line.form << std::right << line.what << "\n";
    }
    out << "  N is 3, n3, n1 n2 or all; ; stands between commands, # begins a comment\n";
  }
  void operator()(const Notice& e) const { out << "  " << e.text << "\n"; }
  void operator()(const Fatal& e) const { out << "paxbank: " << e.text << "\n"; }

 private:
  [[nodiscard]] std::string leads(const LeaderInfo& leader) const {
    return painted(
        paxbank::describe(leader.node) + " leads in ballot " + paxbank::describe(leader.ballot),
        Colour::cyan, style);
  }

  void write_store(const NodesShown& shown, NodeId node) const {
    const auto found = shown.stores.find(node);
    if (found == shown.stores.end()) return;
    const StoreState& store = found->second;
    if (!store.kept) {
      out << ", keeps nothing";
      return;
    }
    out << ", keeps " << (store.bytes + 1'023) / 1'024 << " KiB"
        << (store.synced ? ", synced " : ", written ")
        << store.last_write / std::chrono::milliseconds(1) << " ms ago";
  }

  void write_state(const ReplicaStatus& status) const {
    constexpr std::size_t width = 13;
    std::string state(status.connected ? to_string(status.role) : "disconnected");
    state.resize(width, ' ');
    const Colour of_role = status.role == RoleName::leader ? Colour::cyan : Colour::plain;
    out << painted(state, status.connected ? of_role : Colour::red, style);
  }

  void write_row(const RowDone& row, const std::string& label) const {
    std::string outcome(to_string(row.outcome));
    outcome.resize(8, ' ');
    out << std::setw(6) << label << "  " << std::left << std::setw(14)
        << paxbank::describe(row.transaction) << std::right
        << painted(outcome, colour_of(row.outcome), style);
    if (row.answered()) {
      out << " at " << row.sequence.value << ", " << milliseconds(row.latency);
    } else {
      out << " " << row.why;
    }
    out << "\n";
  }

  /// As many tables as it takes for none to be wider than the text may be.
  void write_balances(const Balances& balances) const {
    const std::size_t most =
        std::max<std::size_t>(1, (style.width - account_width) / balance_width);
    const std::size_t tables = (balances.size() + most - 1) / most;
    bool differs = false;
    for (std::size_t i = 0; i < tables; ++i) {
      const auto from = static_cast<std::ptrdiff_t>(balances.size() * i / tables);
      const auto to = static_cast<std::ptrdiff_t>(balances.size() * (i + 1) / tables);
      differs |= write_table(balances, {balances.begin() + from, balances.begin() + to});
    }
    if (differs) out << "  * differs from the other nodes that have executed as much\n";
  }

  /// Returns whether something differs.
  bool write_table(const Balances& all, const Balances& shown) const {
    write_line("account", shown, [](const NodeBalances& of) { return paxbank::describe(of.node); });
    write_marks(shown, Colour::red, [](const NodeBalances& of) {
      if (!of.answers) return "silent";
      if (!of.accounts) return "dead";
      return of.connected ? "" : "cut off";
    });
    write_marks(shown, Colour::yellow,
                [](const NodeBalances& of) { return of.accounts && of.behind ? "behind" : ""; });
    const auto known = std::find_if(shown.begin(), shown.end(),
                                    [](const auto& node) { return node.accounts.has_value(); });
    if (known == shown.end()) return false;
    bool differs = false;
    for (const auto& [account, balance] : *known->accounts) {
      const auto usual = usual_balance(all, account);
      out << std::setw(account_width) << account.value.str();
      for (const NodeBalances& of : shown) {
        const bool odd = of.accounts && !of.behind && of.accounts->at(account) != usual;
        out << std::setw(balance_width - 1)
            << (of.accounts ? std::to_string(of.accounts->at(account).value) : "-")
            << (odd ? "*" : " ");
        differs = differs || odd;
      }
      out << "\n";
    }
    return differs;
  }

  template <class Word>
  void write_line(const std::string& head, const Balances& shown, const Word& word) const {
    out << std::setw(account_width) << head;
    for (const NodeBalances& of : shown) out << std::setw(balance_width - 1) << word(of) << " ";
    out << "\n";
  }

  /// A line of what is special about nodes, if anything is.
  template <class Word>
  void write_marks(const Balances& shown, Colour colour, const Word& word) const {
    const auto marked = [&](const NodeBalances& of) { return *word(of) != '\0'; };
    if (std::none_of(shown.begin(), shown.end(), marked)) return;
    std::ostringstream line;
    Write{line, {style.width, false}}.write_line("", shown, word);
    std::string text = line.str();
    text.pop_back();
    out << painted(text, colour, style) << "\n";
  }

  void write_messages(const std::string& name, const MessageHistory& history) const {
    out << name << "'s messages (" << history.entries.size() << " kept, " << history.forgotten
        << " older ones dropped, " << history.heartbeats_left_out
        << " HEARTBEATs without news left out; times from the start of the run)\n";
    for (const JournalEntry& entry : history.entries) {
      std::string peer = "all";
      if (const auto* node = std::get_if<NodeId>(&entry.peer)) peer = paxbank::describe(*node);
      if (const auto* client = std::get_if<ClientId>(&entry.peer)) peer = client->value.str();
      out << std::setw(11) << milliseconds(entry.time.time_since_epoch())
          << (entry.sent ? "  -> " : "  <- ") << std::left << std::setw(4) << peer << std::right
          << paxbank::describe(entry.message) << "\n";
    }
  }
};

}  // namespace

std::string to_text(const ReportEvent& event, const Style& style) {
  std::ostringstream out;
  std::visit(Write{out, style}, event);
  return wrapped(out.str(), style.width);
}

Tally& Tally::operator+=(const Tally& other) {
  success += other.success;
  failed += other.failed;
  timeout += other.timeout;
  dropped += other.dropped;
  return *this;
}

std::string describe(const ProcessNews& news) {
  struct Words {
    std::string operator()(const ProcessDeath& n) const { return n.name + " died: " + n.how; }
    std::string operator()(const ProcessSilent& n) const { return n.name + " does not answer"; }
    std::string operator()(const ProcessAnswers& n) const { return n.name + " answers again"; }
    std::string operator()(const OutputLost& n) const { return n.name + " lost " + n.what; }
  };
  return std::visit(Words{}, news);
}

void Report::operator()(const ReportEvent& event) {
  if (observer_) observer_(event);
  const std::string text = format_ == Format::text ? to_text(event, style_) : to_jsonl(event);
  if (text.empty()) return;
  if (before_) before_();
  errno = 0;
  out_ << text << std::flush;
  if (!out_ && lost_.empty()) lost_ = errno == 0 ? "cannot be written" : std::strerror(errno);
  if (after_) after_();
}

}  // namespace paxbank::scenario
