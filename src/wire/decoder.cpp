#include "paxbank/wire/decoder.hpp"

#include <simdjson.h>

namespace paxbank::wire {
namespace {

namespace od = simdjson::ondemand;

// Whatever the layouts call becomes part of one function, and what the reader holds stays in
// registers: that halves the time of a line. Under a sanitizer it would take the compiler minutes.
#if defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define PAXBANK_FLATTEN [[gnu::flatten]]
#else
#define PAXBANK_FLATTEN
#endif

static_assert(Decoder::padding >= simdjson::SIMDJSON_PADDING);

/// Not a line as this program writes it: the long way has a word for it.
struct Uncommon {};

template <class Value>
Value taken(simdjson::simdjson_result<Value> result) {
  Value value;
  if (std::move(result).get(value) != simdjson::SUCCESS) throw Uncommon{};
  return value;
}

/// Reads an object whose fields come in the order of its layout, none besides: in one pass, and
/// without a document in memory. It is a layout's visitor.
class FastReader {
 public:
  FastReader(od::object object, std::uint32_t nodes)
      : at_(taken(object.begin())), end_(taken(object.end())), nodes_(nodes) {
    look();
  }

  /// The value of `type`, which a message begins with.
  std::string_view type() {
    std::string_view type;
    field("type"_key, type);
    return type;
  }

  /// The object that the rest of its fields make.
  template <class Type>
  Type read() {
    Type result{};
    Layout<Type>::fields(*this, result);
    if (there_) throw Uncommon{};
    return result;
  }

  void field(auto key, auto& x) {
    if (!next_is(key)) throw Uncommon{};
    take(current_.value(), x);
    advance();
  }
  void point(auto key, SequenceNumber& n) {
    if (!next_is(key)) throw Uncommon{};
    n = {whole(current_.value(), 0, sequence_limit)};
    advance();
  }
  template <class Type>
  void field_or(auto key, Type& x, const Type& absent) {
    if (next_is(key)) {
      field(key, x);
    } else {
      x = absent;
    }
  }
  template <class Type>
  void always_or(auto key, Type& x, const Type& /*absent*/) {
    field(key, x);
  }
  template <class Type>
  void optional(auto key, std::optional<Type>& maybe) {
    if (next_is(key)) field(key, maybe.emplace());
  }
  template <class Item>
  void one_or_many(auto one, auto many, std::vector<Item>& items) {
    if (next_is(one)) {
      field(one, items.emplace_back());
    } else {
      field(many, items);
      if (items.empty()) throw Uncommon{};
    }
  }
  [[nodiscard]] bool chooses(auto key, bool /*written*/) const { return next_is(key); }
  static void check(bool holds, auto /*key*/, const char* /*expected*/) {
    if (!holds) throw Uncommon{};
  }

 private:
  /// Reads an array with as many elements as its layout has. It is a layout's visitor.
  class Elements {
   public:
    Elements(const FastReader& reader, od::array array)
        : reader_(reader), at_(taken(array.begin())), end_(taken(array.end())) {}

    void element(auto& x) {
      if (!(at_ != end_)) throw Uncommon{};
      reader_.take(taken(*at_), x);
      ++at_;
    }
    void whole(std::uint64_t& x, std::uint64_t low, std::uint64_t high) {
      if (!(at_ != end_)) throw Uncommon{};
      x = FastReader::whole(taken(*at_), low, high);
      ++at_;
    }
    void end() {
      if (at_ != end_) throw Uncommon{};
    }

   private:
    const FastReader& reader_;
    od::array_iterator at_;
    od::array_iterator end_;
  };

  void look() {
    there_ = at_ != end_;
    if (there_) current_ = taken(*at_);
  }
  void advance() {
    ++at_;
    look();
  }
  [[nodiscard]] bool next_is(auto key) const {
    return there_ && current_.key().unsafe_is_equal(key.name);
  }

  static std::uint64_t whole(od::value value, std::uint64_t low, std::uint64_t high) {
    const std::uint64_t number = taken(value.get_uint64());
    if (number < low || number > high) throw Uncommon{};
    return number;
  }

  static void take(od::value value, std::string_view& text) { text = taken(value.get_string()); }
  static void take(od::value value, bool& truth) { truth = taken(value.get_bool()); }
  static void take(od::value value, Timestamp& x) { x.value = taken(value.get_int64()); }
  static void take(od::value value, Amount& x) { x.value = taken(value.get_int64()); }
  static void take(od::value value, SequenceNumber& x) { x = {whole(value, 1, sequence_limit)}; }
  void take(od::value value, NodeId& node) const {
    node = {static_cast<std::uint32_t>(whole(value, 1, nodes_))};
  }
  static void take(od::value value, ClientId& client) { take(value, client.value); }
  static void take(od::value value, AccountId& account) { take(value, account.value); }
  static void take(od::value value, Name& name) {
    const std::string_view text = taken(value.get_string());
    if (!is_name(text)) throw Uncommon{};
    name = text;
  }
  static void take(od::value value, Result& result) {
    const std::string_view text = taken(value.get_string());
    for (const Result known : {Result::success, Result::failed, Result::stale}) {
      if (text != to_string(known)) continue;
      result = known;
      return;
    }
    throw Uncommon{};
  }
  void take(od::value value, Command& command) const {
    if (taken(value.type()) == od::json_type::string) {
      if (taken(value.get_string()) != "no-op") throw Uncommon{};
      command = NoOp{};
    } else {
      command = FastReader(taken(value.get_object()), nodes_).read<Request>();
    }
  }
  template <class Item>
  void take(od::value value, std::vector<Item>& items) const {
    for (auto item : taken(value.get_array())) take(taken(std::move(item)), items.emplace_back());
  }
  template <HasElements Type>
  void take(od::value value, Type& array) const {
    Elements elements(*this, taken(value.get_array()));
    Layout<Type>::elements(elements, array);
    elements.end();
  }

  od::object_iterator at_;
  od::object_iterator end_;
  od::field current_;
  bool there_ = false;
  std::uint32_t nodes_;
};

template <class... Types>
Message read_as(std::variant<Types...>* /*one of these*/, FastReader& in, std::string_view type) {
  Message message;
  const auto try_one = [&]<class Type>(Type* /*one of them*/) {
    if (type != Layout<Type>::type) return false;
    message = in.read<Type>();
    return true;
  };
  if (!(try_one(static_cast<Types*>(nullptr)) || ...)) throw Uncommon{};
  return message;
}

}  // namespace

class Decoder::Fast {
 public:
  explicit Fast(std::uint32_t nodes) : nodes_(nodes) {}

  PAXBANK_FLATTEN Message read(std::string_view line) {
    od::document document;
    const auto error =
        parser_.iterate(line.data(), line.size(), line.size() + padding).get(document);
    if (error != simdjson::SUCCESS) throw Uncommon{};
    FastReader in(taken(document.get_object()), nodes_);
    const std::string_view type = in.type();
    Message message = read_as(static_cast<Message*>(nullptr), in, type);
    // Nothing may follow the object.
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) throw Uncommon{};
    return message;
  }

 private:
  od::parser parser_;
  std::uint32_t nodes_;
};

Decoder::Decoder(std::uint32_t nodes) : nodes_(nodes), fast_(std::make_unique<Fast>(nodes)) {}
Decoder::~Decoder() = default;

Decoded Decoder::decode(std::string_view padded_line) {
  try {
    return fast_->read(padded_line);
  } catch (const Uncommon&) {
    return wire::decode(padded_line, nodes_);
  }
}

}  // namespace paxbank::wire
