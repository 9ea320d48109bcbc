#include "paxbank/web/site.hpp"

#include "paxbank/cluster/control.hpp"
#include "paxbank/view/page.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <httplib.h>
#include <latch>
#include <random>
#include <thread>

namespace paxbank::web {
namespace {

/// Pages and what they ask for at the same time; whoever comes later waits.
constexpr std::size_t threads = 32;
/// A page that takes nothing for so long is let go; it comes back by itself. At the end nobody is
/// waited for much longer either.
constexpr std::chrono::seconds patience{1};
/// So often a page hears that we are there: so that we notice when it is not, and it that we are
/// not.
constexpr std::chrono::milliseconds pulse{5'000};
/// The run has ended as it should: who hears this need not ask again.
constexpr std::string_view farewell = "event: over\ndata: 0\n\n";
constexpr std::size_t command_limit = 4096;

enum Status { no_content = 204, bad_request = 400, forbidden = 403, not_found = 404 };

std::string draw_token() {
  std::random_device device;
  std::string token;
  for (int word = 0; word < 4; ++word) {
    const std::uint32_t drawn = device();
    for (unsigned shift = 0; shift < 32; shift += 4) {
      token += "0123456789abcdef"[drawn >> shift & 15U];
    }
  }
  return token;
}

std::size_t number_of(const std::string& text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// From where a page goes on: what its browser says when it comes back, or what it asks for.
std::size_t begin_of(const httplib::Request& request) {
  if (request.has_header("Last-Event-ID")) {
    return number_of(request.get_header_value("Last-Event-ID"));
  }
  return number_of(request.get_param_value("from"));
}

void refuse(httplib::Response& response, Status status, const std::string& words) {
  response.status = status;
  response.set_content(words + "\n", "text/plain");
}

}  // namespace

class Site::Http {
 public:
  Http(std::uint16_t wanted, Feed& feed, std::function<void(std::string)> on_command)
      : feed_(feed), on_command_(std::move(on_command)) {
    set_limits();
    set_routes();
    bind(wanted);
    server_.new_task_queue = [this] {
      listening_.count_down();  // from now on stop() stops it
      return new httplib::ThreadPool(threads);
    };
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    listening_.wait();
  }
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;
  ~Http() {
    feed_.end();
    server_.stop();
    thread_.join();
  }

  std::uint16_t port = 0;
  const std::string token = draw_token();

 private:
  void set_limits();
  void set_routes();
  void bind(std::uint16_t wanted);
  [[nodiscard]] bool is_ours(const std::string& host) const;
  void send_page(httplib::Response& response) const;
  void send_events(const httplib::Request& request, httplib::Response& response);
  void take_command(const httplib::Request& request, httplib::Response& response) const;

  Feed& feed_;
  std::function<void(std::string)> on_command_;
  httplib::Server server_;
  std::latch listening_{1};
  std::thread thread_;
};

void Site::Http::set_limits() {
  server_.set_payload_max_length(command_limit);
  server_.set_read_timeout(patience);
  server_.set_write_timeout(patience);
  server_.set_keep_alive_timeout(patience.count());
  // A thread is for one request: no browser keeps one that it does not use.
  server_.set_keep_alive_max_count(1);
  server_.set_tcp_nodelay(true);
  // Not httplib's own way, with which two programs could share a port.
  server_.set_socket_options([](int socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
}

void Site::Http::bind(std::uint16_t wanted) {
  errno = 0;
  const std::string host = "127.0.0.1";
  const int bound = wanted == 0                               ? server_.bind_to_any_port(host)
                    : server_.bind_to_port(host, int{wanted}) ? int{wanted}
                                                              : -1;
  if (bound < 0) {
    throw cluster::ChildError("cannot serve pages on 127.0.0.1:" + std::to_string(wanted) + ": " +
                              std::strerror(errno) +
                              " (choose another port with --web PORT, or --web 0 for a free one)");
  }
  port = static_cast<std::uint16_t>(bound);
}

void Site::Http::set_routes() {
  const std::string root = "/" + token + "/";
  server_.set_pre_routing_handler([this](const auto& request, auto& response) {
    const bool posts = request.method != "GET" && request.method != "HEAD";
    const std::string origin = request.get_header_value("Origin");
    const std::string_view scheme = "http://";
    const bool here =
        is_ours(request.get_header_value("Host")) &&
        (!posts || (origin.starts_with(scheme) && is_ours(origin.substr(scheme.size()))));
    if (here) return httplib::Server::HandlerResponse::Unhandled;
    refuse(response, forbidden, "Only pages of this server are answered.");
    return httplib::Server::HandlerResponse::Handled;
  });
  server_.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                               {"Referrer-Policy", "no-referrer"},
                               {"X-Frame-Options", "DENY"},
                               {"Cross-Origin-Resource-Policy", "same-origin"},
                               {"Cache-Control", "no-store"}});
  server_.set_error_handler([](const auto& /*request*/, auto& response) {
    if (response.status == not_found) refuse(response, not_found, "There is nothing here.");
  });
  server_.Get(root, [this](const auto& /*request*/, auto& response) { send_page(response); });
  server_.Get(root + "events",
              [this](const auto& request, auto& response) { send_events(request, response); });
  server_.Post(root + "command",
               [this](const auto& request, auto& response) { take_command(request, response); });
}

bool Site::Http::is_ours(const std::string& host) const {
  const std::string number = ":" + std::to_string(port);
  return host == "127.0.0.1" + number || host == "localhost" + number;
}

void Site::Http::send_page(httplib::Response& response) const {
  // By a provider: what is simply set, httplib compresses, which takes longer than to send it.
  auto page = std::make_shared<const std::string>(view::empty_page(feed_.head()));
  response.set_content_provider(
      page->size(), "text/html; charset=utf-8",
      [page](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(page->data() + offset, length);
      });
}

void Site::Http::send_events(const httplib::Request& request, httplib::Response& response) {
  Feed::Place place{.rows = begin_of(request)};
  response.set_chunked_content_provider(
      "text/event-stream", [this, place](std::size_t /*offset*/, httplib::DataSink& sink) mutable {
        const std::string events = feed_.next(place, pulse);
        if (events.empty()) {
          sink.write(farewell.data(), farewell.size());
          sink.done();
          return true;
        }
        return sink.write(events.data(), events.size());
      });
}

void Site::Http::take_command(const httplib::Request& request, httplib::Response& response) const {
  const auto body = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object() || !body.contains("line") || !body["line"].is_string()) {
    refuse(response, bad_request, "A command is a JSON object: {\"line\":\"send A B 1\"}");
    return;
  }
  on_command_(body["line"]);
  response.status = no_content;
}

Site::Site(std::uint16_t port, Feed& feed, std::function<void(std::string)> on_command)
    : http_(std::make_unique<Http>(port, feed, std::move(on_command))) {}
Site::~Site() = default;
std::uint16_t Site::port() const { return http_->port; }
const std::string& Site::token() const { return http_->token; }

}  // namespace paxbank::web
