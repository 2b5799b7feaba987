// Requests to one bucket, and the connections for them.                                   Behaviour: spec 05 §2.6.
//
// Safe on any thread; blocks. Connections that are not in use are kept, a few of them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/storage/s3_connection.h"

namespace wombat {

struct S3Answer {
  S3Head head;
  std::string body;
};

class S3Client;

// An answer that is being read. Its request is done again by nobody: who reads goes on behind what there is.
class S3Download {
 public:
  ~S3Download();
  S3Download(const S3Download&) = delete;
  S3Download& operator=(const S3Download&) = delete;

  const S3Head& head() const { return head_; }
  // As S3Connection::Read.
  Result<std::size_t> Read(char* buffer, std::size_t size) { return connection_->Read(buffer, size); }

 private:
  friend class S3Client;
  S3Download(S3Client& client, S3Request request);

  S3Client& client_;
  const S3Request request_;
  S3Head head_;
  std::unique_ptr<S3Connection> connection_;
};

class S3Client {
 public:
  // Past it a bucket's answer to anything but a download is none of ours.
  static constexpr std::size_t kMaxAnswer = 16u << 20;

  explicit S3Client(S3Options options, S3Timeouts timeouts = {});

  const S3Options& options() const { return options_; }

  // The whole answer. What can be repeated is, once, when the connection failed or the bucket is overloaded.
  // Errors: kNotFound for what is not there, kGeneric with the bucket's own words.
  Result<S3Answer> Send(const S3Request& request);
  // The same for a GET whose content is read afterwards. Must be gone before the client is.
  Result<std::unique_ptr<S3Download>> Open(S3Request request);

  // So many downloads are open that another one should not hold a connection between its reads.
  bool crowded() const;

 private:
  friend class S3Download;

  Result<std::unique_ptr<S3Connection>> Take();
  void GiveBack(std::unique_ptr<S3Connection> connection);
  // Begins the request; a status of an error is one.
  Result<S3Head> Begin(S3Connection& connection, const S3Request& request);

  const S3Options options_;
  const S3Timeouts timeouts_;
  std::atomic<int> downloads_{0};
  std::mutex mutex_;
  std::vector<std::unique_ptr<S3Connection>> idle_;
};

}  // namespace wombat
