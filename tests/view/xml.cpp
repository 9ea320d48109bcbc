#include "xml.hpp"

#include <cctype>
#include <stdexcept>

namespace paxbank::view {
namespace {

class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : text_(text) {}

  std::vector<Element> read() {
    element();
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(next())) == 0) fail("text behind the document");
    }
    return std::move(elements_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + " at " + std::to_string(at_) + ": " +
                             std::string(text_.substr(at_, 60)));
  }
  [[nodiscard]] char peek() const {
    if (at_ >= text_.size()) fail("it ends too early");
    return text_[at_];
  }
  char next() {
    const char c = peek();
    ++at_;
    return c;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word) {
    if (!take(word)) fail("no " + std::string(word));
  }
  void skip_space() {
    while (std::isspace(static_cast<unsigned char>(peek())) != 0) ++at_;
  }

  std::string name() {
    std::string name;
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '-') name += next();
    if (name.empty()) fail("no name");
    return name;
  }

  /// Text up to a sign.
  std::string text_until(char end) {
    std::string text;
    while (peek() != end) {
      if (static_cast<unsigned char>(peek()) < 0x20 && peek() != '\n') fail("a control character");
      if (peek() == '<') fail("a < in a text");
      text += peek() == '&' ? entity() : next();
    }
    return text;
  }
  char entity() {
    for (const auto& [word, c] : {std::pair("&lt;", '<'), std::pair("&gt;", '>'),
                                  std::pair("&amp;", '&'), std::pair("&quot;", '"')}) {
      if (take(word)) return c;
    }
    fail("an & that is no entity");
  }

  void element() {
    expect("<");
    Element element{.name = name(), .attributes = {}, .text = {}};
    for (skip_space(); peek() != '>' && peek() != '/'; skip_space()) {
      const std::string key = name();
      expect("=\"");
      if (!element.attributes.try_emplace(key, text_until('"')).second) fail(key + " twice");
      expect("\"");
    }
    if (!take("/>")) {
      expect(">");
      for (element.text = text_until('<'); !take("</"); element.text += text_until('<')) {
        this->element();
      }
      expect(element.name);
      expect(">");
    }
    elements_.push_back(std::move(element));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Element> elements_;
};

}  // namespace

std::vector<Element> read_xml(std::string_view text) { return XmlReader(text).read(); }

}  // namespace paxbank::view
