// A bucket's side of the wire: keeps what it is asked, checks each signature, and answers as the test says.
#pragma once

#include <netinet/in.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace wombat {

class BucketServer {
 public:
  struct Request {
    std::string method, path, query;
    std::map<std::string, std::string> headers;     // names in lower case
    std::string body;
    int connection = 0;
    bool signature_holds = false;
  };
  struct Reply {
    int status = 200;
    std::string body;
    std::string headers{};                           // whole lines
    std::size_t cut_after = std::string::npos;       // bytes of the body after which the connection breaks
    bool hang = false;                               // says nothing any more
    bool drop = false;                               // breaks the connection instead of an answer
  };

  explicit BucketServer(std::function<Reply(const Request&)> answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~BucketServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (const int client : clients_) ::shutdown(client, SHUT_RDWR);
    }
    for (auto& server : servers_) server.join();
    for (const int client : clients_) ::close(client);
    ::close(listener_);
  }

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Request> requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

  static constexpr const char* kSecret = "the secret";

 private:
  void Accept() {
    for (;;) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      std::lock_guard lock(mutex_);
      clients_.push_back(client);
      servers_.emplace_back([this, client, number = int(clients_.size())] { Serve(client, number); });
    }
  }

  void Serve(int client, int number) {
    std::string input;
    Request request;
    while (ReadRequest(client, input, request)) {
      request.connection = number;
      request.signature_holds = CheckSignature(request);
      {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const Reply reply = answer_(request);
      if (reply.hang) continue;
      if (reply.drop) break;
      std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\n" + reply.headers;
      if (reply.headers.find("Content-Length") == std::string::npos) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
      text += "\r\n";
      if (request.method != "HEAD") text += reply.body.substr(0, reply.cut_after);
      if (!SendAll(client, text) || reply.cut_after != std::string::npos) break;
    }
    ::shutdown(client, SHUT_RDWR);
  }

  static bool SendAll(int client, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t part = ::send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (part <= 0) return false;
      sent += std::size_t(part);
    }
    return true;
  }

  static bool ReadMore(int client, std::string& input) {
    char piece[65536];
    const ssize_t got = ::recv(client, piece, sizeof piece, 0);
    if (got > 0) input.append(piece, std::size_t(got));
    return got > 0;
  }

  static bool ReadRequest(int client, std::string& input, Request& request) {
    std::size_t end;
    while ((end = input.find("\r\n\r\n")) == std::string::npos)
      if (!ReadMore(client, input)) return false;
    request = {};
    std::istringstream head(input.substr(0, end));
    std::string line, target;
    std::getline(head, line);
    std::istringstream(line) >> request.method >> target;
    request.path = target.substr(0, target.find('?'));
    if (target.find('?') != std::string::npos) request.query = target.substr(target.find('?') + 1);
    while (std::getline(head, line)) {
      if (line.ends_with('\r')) line.pop_back();
      std::string name = line.substr(0, line.find(':'));
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
      request.headers[name] = line.substr(line.find_first_not_of(' ', line.find(':') + 1));
    }
    const std::size_t size = request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
    input.erase(0, end + 4);
    while (input.size() < size)
      if (!ReadMore(client, input)) return false;
    request.body = input.substr(0, size);
    input.erase(0, size);
    return true;
  }

  static std::string Hex(const unsigned char* bytes, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) (text += "0123456789abcdef"[bytes[i] >> 4]) += "0123456789abcdef"[bytes[i] & 15];
    return text;
  }
  static std::string Mac(const std::string& key, const std::string& text) {
    unsigned char digest[32];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), int(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
    return {reinterpret_cast<char*>(digest), size};
  }

  // Signature version 4, from what came over the wire.
  static bool CheckSignature(Request& request) {
    const std::string& authorization = request.headers["authorization"];
    const auto part = [&](const std::string& name) {
      const auto start = authorization.find(name + "=") + name.size() + 1;
      return authorization.substr(start, authorization.find(',', start) - start);
    };
    const std::string scope = part("Credential"), names = part("SignedHeaders");
    std::string canonical = request.method + "\n" + request.path + "\n" + request.query + "\n";
    std::istringstream each(names);
    for (std::string name; std::getline(each, name, ';');) canonical += name + ":" + request.headers[name] + "\n";
    canonical += "\n" + names + "\n" + request.headers["x-amz-content-sha256"];
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(canonical.data()), canonical.size(), digest);
    const std::string date = request.headers["x-amz-date"], day = date.substr(0, 8);
    const std::string to_sign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope.substr(scope.find('/') + 1) + "\n" + Hex(digest, sizeof digest);
    const std::string key = Mac(Mac(Mac(Mac(std::string("AWS4") + kSecret, day), "eu-west-3"), "s3"), "aws4_request");
    const std::string signature = Mac(key, to_sign);
    return scope == "the key/" + day + "/eu-west-3/s3/aws4_request" &&
           part("Signature") == Hex(reinterpret_cast<const unsigned char*>(signature.data()), signature.size());
  }

  std::function<Reply(const Request&)> answer_;
  int listener_ = -1, port_ = 0;
  std::mutex mutex_;
  std::vector<Request> requests_;
  std::vector<int> clients_;
  std::vector<std::thread> servers_;
  std::thread acceptor_;
};

}  // namespace wombat
