#pragma once

#include "paxbank/web/feed.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace paxbank::web {

/// The pages, over HTTP on 127.0.0.1: under a token that is drawn anew each time, for nobody who
/// does not know it. No other page in a browser can read them or give orders: `Host` and `Origin`
/// must be ours.
///
/// It has threads of its own, each page one. Its destructor ends them.
class Site {
 public:
  /// Serves `feed`, which must outlive it. `on_command` hears, in one of its threads, what somebody
  /// types on a page. Port 0: any that is free. Throws cluster::ChildError.
  Site(std::uint16_t port, Feed& feed, std::function<void(std::string line)> on_command);
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;
  ~Site();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const std::string& token() const;

 private:
  class Http;
  std::unique_ptr<Http> http_;
};

}  // namespace paxbank::web
