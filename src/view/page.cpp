#include "paxbank/view/page.hpp"

#include <nlohmann/json.hpp>

#include "page_template.hpp"
#include <array>
#include <ostream>
#include <stdexcept>
#include <type_traits>
#include <zlib.h>

namespace paxbank::view {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view head_mark = "@HEAD@";
constexpr std::string_view data_mark = "@DATA@";
/// The texts are most of it, and most of them are alike: fast is as good as thorough.
constexpr int compression = 2;

/// Base64 of what is written to it, in groups of three bytes.
class Base64 {
 public:
  explicit Base64(std::ostream& out) : out_(out) {}

  void write(std::string_view bytes) {
    for (const char c : bytes) {
      group_ = group_ << 8U | static_cast<unsigned char>(c);
      if (++held_ == 3) put();
    }
    out_ << text_;
    text_.clear();
  }
  void finish() {
    if (held_ == 0) return;
    const std::size_t missing = 3 - held_;
    group_ <<= 8U * missing;
    put();
    text_.replace(text_.size() - missing, missing, missing, '=');
    out_ << text_;
    text_.clear();
  }

 private:
  void put() {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text_ += letters[group_ >> shift & 63U];
    group_ = 0;
    held_ = 0;
  }

  std::ostream& out_;
  std::string text_;
  std::uint32_t group_ = 0;
  std::size_t held_ = 0;
};

/// Gzip of what is written to it, as base64.
class Packed {
 public:
  explicit Packed(std::ostream& out) : base64_(out) {
    constexpr int gzip = 16 + MAX_WBITS;
    constexpr int memory_level = 8;
    if (deflateInit2(&stream_, compression, Z_DEFLATED, gzip, memory_level, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
      throw std::runtime_error("no memory to compress with");
    }
  }
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;
  ~Packed() { deflateEnd(&stream_); }

  void write(std::string_view bytes) {
    // zlib counts in 32 bits.
    constexpr std::size_t step = std::size_t{1} << 30U;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
      deflate_all(bytes.substr(0, step), Z_NO_FLUSH);
    }
  }
  void finish() {
    deflate_all({}, Z_FINISH);
    base64_.finish();
  }

 private:
  void deflate_all(std::string_view bytes, int flush) {
    // zlib reads only, and says so only in its newest versions.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      deflate(&stream_, flush);
      base64_.write({buffer_.data(), buffer_.size() - stream_.avail_out});
    } while (stream_.avail_out == 0);
  }

  Base64 base64_;
  z_stream stream_{};
  std::array<char, std::size_t{3} << 16U> buffer_{};
};

template <class Number>
void put(std::string& out, Number number) {
  std::array<char, sizeof(Number)> bytes{};
  if constexpr (std::is_same_v<Number, double>) {
    std::uint64_t bits = 0;
    static_assert(sizeof bits == sizeof number);
    std::memcpy(&bits, &number, sizeof bits);
    put(out, bits);
  } else {
    for (char& byte : bytes) {
      byte = static_cast<char>(number & 0xFFU);
      number = static_cast<Number>(number >> (sizeof(Number) > 1 ? 8U : 0U));
    }
    out.append(bytes.data(), bytes.size());
  }
}

template <class Value>
void write_column(Packed& out, const Run& run, Value value) {
  std::string bytes;
  for (const Event& event : run.events) put(bytes, value(event));
  out.write(bytes);
}

/// Columns, one behind the other, little endian: what is widest first, so that each begins where
/// its numbers may begin.
void write_data(Packed& out, const Run& run) {
  write_column(out, run, [](const Event& e) { return static_cast<double>(e.time_us); });
  write_column(out, run, [](const Event& e) { return e.link; });
  write_column(out, run, [](const Event& e) { return e.cause; });
  write_column(out, run, [](const Event& e) { return e.slot; });
  write_column(out, run, [](const Event& e) { return e.slot_to; });
  write_column(out, run, [](const Event& e) { return e.round; });
  write_column(out, run, [](const Event& e) { return e.body; });
  std::string begins;
  put(begins, static_cast<std::uint32_t>(run.text_begins.size() - 1));
  for (const std::uint32_t begin : run.text_begins) put(begins, begin);
  out.write(begins);
  write_column(out, run, [](const Event& e) { return e.lane; });
  write_column(out, run, [](const Event& e) { return e.peer; });
  write_column(out, run, [](const Event& e) { return static_cast<std::uint8_t>(e.kind); });
  write_column(out, run, [](const Event& e) { return e.type; });
  write_column(out, run, [](const Event& e) { return static_cast<std::uint8_t>(e.again); });
  write_column(out, run, [](const Event& e) { return e.owner; });
  out.write(run.texts);
}

/// What stands around the head and the data.
struct PageParts {
  std::string_view before_head;
  std::string_view before_data;
  std::string_view after_data;
};

PageParts page_parts() {
  const std::string_view page = page_template();
  const std::size_t head = page.find(head_mark);
  const std::size_t data = page.find(data_mark);
  const std::size_t after_head = head + head_mark.size();
  return {.before_head = page.substr(0, head),
          .before_data = page.substr(after_head, data - after_head),
          .after_data = page.substr(data + data_mark.size())};
}

bool shares_text(const Run& run, const Event& event) {
  return event.link != nowhere && event.body == run.events[event.link].body;
}

/// JSON that may stand in a page: nothing in it can end the element that it stands in.
std::string for_page(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string page_head(const Run& run, const PageOptions& options) {
  Json lanes = Json::array();
  for (const Lane& lane : run.lanes) {
    lanes.push_back({{"name", lane.name}, {"sort", to_string(lane.sort)}});
  }
  Json head{{"version", 2},         {"title", options.title},
            {"by", run.by},         {"run", run.id},
            {"seed", run.seed},     {"openingBalance", run.opening_balance},
            {"lanes", lanes},       {"kinds", kind_names},
            {"types", type_names},  {"events", run.events.size()},
            {"live", options.live}, {"notes", run.notes}};
  if (options.open_at) head["open_at"] = *options.open_at;
  return for_page(head);
}

void write_page(std::ostream& out, const Run& run, const PageOptions& options) {
  const PageParts page = page_parts();
  out << page.before_head << page_head(run, options) << page.before_data;
  Packed packed(out);
  write_data(packed, run);
  packed.finish();
  out << page.after_data;
}

std::string empty_page(const std::string& head) {
  const PageParts page = page_parts();
  std::string text(page.before_head);
  return ((text += head) += page.before_data) += page.after_data;
}

void append_row(std::string& out, const Run& run, std::uint32_t place) {
  const Event& event = run.events[place];
  const auto number = [&out](std::int64_t value) { (out += std::to_string(value)) += ','; };
  const auto place_or_none = [&number](std::uint32_t other) {
    number(other == nowhere ? -1 : std::int64_t{other});
  };
  out += '[';
  number(event.time_us);
  number(static_cast<int>(event.kind));
  number(event.lane);
  number(event.peer == no_lane ? -1 : event.peer);
  place_or_none(event.link);
  place_or_none(event.cause);
  number(event.type == no_type ? -1 : event.type);
  number(event.again ? 1 : 0);
  number(event.slot);
  number(event.slot_to);
  number(event.round);
  number(event.owner);
  const std::string_view name = run.name(place);
  if (!name.empty()) {
    const std::string_view rest = run.text(event.body).substr(1);
    (out += "{\"id\":") += Json(name).dump();
    (out += rest == "}" ? "" : ",") += rest;
  } else if (event.body == nowhere || shares_text(run, event)) {
    out += "null";
  } else {
    out += run.text(event.body);
  }
  out += ']';
}

}  // namespace paxbank::view
