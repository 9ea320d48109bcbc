#include "paxbank/core/outbox.hpp"

#include "paxbank/core/assert.hpp"

#include <iterator>
#include <utility>

namespace paxbank {
namespace {

/// Whether a message says what its sender has in its log. An ACCEPT does not: it proposes, and its
/// sender's own vote is a message of its own.
bool tells_of_log(const Message& message) {
  return std::holds_alternative<Promise>(message) || std::holds_alternative<Accepted>(message) ||
         std::holds_alternative<NewView>(message);
}

void move_to_end(std::vector<Envelope>& from, std::vector<Envelope>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

/// The batch that must be stored before a message leaves, if any. A ballot that could be used or
/// promised anew after a crash must not be heard of before, whatever speaks of it: then everything
/// waits. That is so in elections only.
Outbox::Batch* Outbox::rests_on(const Message& message) {
  if (tells_of_log(message)) {
    if (!gathering_.persist.empty()) return &gathering_;
    return is_storing_ ? &storing_ : nullptr;
  }
  if (gathering_.changes_ballot()) return &gathering_;
  return is_storing_ && storing_.changes_ballot() ? &storing_ : nullptr;
}

void Outbox::add(Output& output) {
  gathering_.persist.append(output.persist);
  for (Envelope& envelope : output.messages) {
    Batch* batch = rests_on(envelope.message);
    (batch == nullptr ? ready_ : batch->messages).push_back(std::move(envelope));
  }
  output.messages.clear();
}

const Persist* Outbox::store_next() {
  if (is_storing_ || gathering_.persist.empty()) return nullptr;
  std::swap(gathering_, storing_);
  is_storing_ = true;
  return &storing_.persist;
}

void Outbox::stored() {
  PAXBANK_ASSERT(is_storing_, "only what was begun with is done");
  is_storing_ = false;
  move_to_end(storing_.messages, ready_);
  storing_.persist.clear();
}

}  // namespace paxbank
