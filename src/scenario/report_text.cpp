#include "paxbank/core/describe.hpp"
#include "paxbank/scenario/report.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace paxbank::scenario {
namespace {

std::string milliseconds(Duration duration) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << static_cast<double>(duration.count()) / 1000.0
      << " ms";
  return out.str();
}

std::string describe(const LeaderInfo& leader) {
  return paxbank::describe(leader.node) + " leads in ballot " + paxbank::describe(leader.ballot);
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
         std::to_string(tally.timeout) + " timeout";
}

void write_row(std::ostream& out, const RowDone& row, const std::string& label) {
  out << std::setw(6) << label << "  " << std::left << std::setw(14)
      << paxbank::describe(row.transaction) << std::setw(8) << to_string(row.outcome) << std::right;
  if (row.outcome != Outcome::timeout) {
    out << " at " << row.sequence.value << ", " << milliseconds(row.latency);
  } else if (row.stuck) {
    out << " though a quorum is live: this should not be";
  } else {
    out << " no quorum; " << row.client.value.str() << " keeps asking";
  }
  out << "\n";
}

/// The most frequent of the nodes' balances of an account: what others differ from.
Amount usual_balance(const Balances& balances, const AccountId& account) {
  std::map<Amount, int> counts;
  for (const auto& [node, accounts] : balances) {
    if (accounts) ++counts[accounts->at(account)];
  }
  return std::max_element(
             counts.begin(), counts.end(),
             [](const auto& left, const auto& right) { return left.second < right.second; })
      ->first;
}

void write_balances(std::ostream& out, const Balances& balances) {
  constexpr int width = 8;
  const auto known = std::find_if(balances.begin(), balances.end(),
                                  [](const auto& node) { return node.second.has_value(); });
  out << std::setw(width) << "account";
  for (const auto& [node, accounts] : balances) {
    out << std::setw(width) << paxbank::describe(node) << " ";
  }
  out << "\n";
  if (known == balances.end()) return;
  bool differs = false;
  for (const auto& [account, balance] : *known->second) {
    const Amount usual = usual_balance(balances, account);
    out << std::setw(width) << account.value.str();
    for (const auto& [node, accounts] : balances) {
      const bool odd = accounts && accounts->at(account) != usual;
      out << std::setw(width) << (accounts ? std::to_string(accounts->at(account).value) : "-")
          << (odd ? "*" : " ");
      differs = differs || odd;
    }
    out << "\n";
  }
  if (differs) out << "  * differs from most nodes\n";
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
  for (const std::string& finding : audit.findings) out << "  ! " << finding << "\n";
}

struct Write {
  std::ostream& out;

  void operator()(const SetBegins& e) const {
    out << "\nSet " << e.set << ", live nodes: " << list(e.live) << (e.quorum ? "" : " (no quorum)")
        << "\n";
  }
  void operator()(const LeaderKnown& e) const { out << "  " << describe(e.leader) << "\n"; }
  void operator()(const RowDone& e) const { write_row(out, e, std::to_string(e.row)); }
  void operator()(const Resolved& e) const {
    out << "  answered now, set " << e.row_set << " row " << e.row.row << ":\n";
    write_row(out, e.row, "");
  }
  void operator()(const LeaderFailed& e) const {
    out << "    LF  "
        << (e.node ? paxbank::describe(*e.node) + " fails" : "there is no leader to fail") << "\n";
  }
  void operator()(const SetEnds& e) const {
    out << "Set " << e.set << " is over: " << describe(e.tally) << "; "
        << (e.leader ? describe(*e.leader) : "nobody leads") << "\n";
    write_balances(out, e.balances);
  }
  void operator()(const Summary& e) const {
    out << "\n"
        << count(e.sets, "set") << ", "
        << count(e.tally.success + e.tally.failed + e.tally.timeout, "transaction") << ": "
        << describe(e.tally) << "\n";
    write_audit(out, e.audit);
    out << (e.ok ? "All well.\n" : "NOT well: see above.\n");
  }
  void operator()(const ProcessTold& e) const { out << "  " << scenario::describe(e.news) << "\n"; }
  void operator()(const DbShown& e) const { write_balances(out, e.balances); }
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
    out << "  " << (e.leader ? describe(*e.leader) : "nobody leads") << "\n";
  }
  void operator()(const NodesShown& e) const {
    for (const auto& [node, state] : e.nodes) {
      const ReplicaStatus& status = state.status;
      out << "  " << paxbank::describe(node) << "  " << std::left;
      if (state.port != 0) out << std::setw(17) << "127.0.0.1:" + std::to_string(state.port);
      out << std::setw(13);
      if (state.alive && !state.answers) {
        out << "does not answer" << std::right << "\n";
        continue;
      }
      if (!state.alive) {
        out << "dead" << std::right << "\n";
        continue;
      }
      out << (status.connected ? to_string(status.role) : "disconnected") << std::right
          << " executed " << status.executed.value << ", committed " << status.committed.value
          << ", log to " << status.last.value << ", promised "
          << paxbank::describe(status.promised);
      if (status.follows && status.role == RoleName::backup) {
        out << ", follows " << paxbank::describe(*status.follows);
      }
      out << "\n";
    }
  }
  void operator()(const CheckShown& e) const { write_audit(out, e.audit); }
  void operator()(const HelpShown&) const {
    for (const CommandHelp& line : command_help()) {
      out << "  " << std::left << std::setw(22) << line.form << std::right << line.what << "\n";
    }
    out << "  N is 3, n3 or all\n";
  }
  void operator()(const Notice& e) const { out << "  " << e.text << "\n"; }
  void operator()(const Fatal& e) const { out << "paxbank: " << e.text << "\n"; }

 private:
  void write_messages(const std::string& name, const MessageHistory& history) const {
    out << name << "'s messages (" << history.entries.size() << " kept, " << history.forgotten
        << " older ones dropped, " << history.heartbeats_left_out
        << " HEARTBEATs without news left out)\n";
    if (history.entries.empty()) return;
    const TimePoint start = history.entries.front().time;
    for (const JournalEntry& entry : history.entries) {
      std::string peer = "all";
      if (const auto* node = std::get_if<NodeId>(&entry.peer)) peer = paxbank::describe(*node);
      if (const auto* client = std::get_if<ClientId>(&entry.peer)) peer = client->value.str();
      out << std::setw(11) << milliseconds(entry.time - start) << (entry.sent ? "  -> " : "  <- ")
          << std::left << std::setw(4) << peer << std::right << paxbank::describe(entry.message)
          << "\n";
    }
  }
};

}  // namespace

std::string to_text(const ReportEvent& event) {
  std::ostringstream out;
  std::visit(Write{out}, event);
  return out.str();
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
  const std::string text = format_ == Format::text ? to_text(event) : to_jsonl(event);
  if (text.empty()) return;
  if (before_) before_();
  errno = 0;
  out_ << text << std::flush;
  if (!out_ && lost_.empty()) lost_ = errno == 0 ? "cannot be written" : std::strerror(errno);
  if (after_) after_();
}

}  // namespace paxbank::scenario
