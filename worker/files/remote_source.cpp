#include "worker/files/remote_source.h"

namespace wombat {
namespace {

class RemoteSource final : public ContentSource {
 public:
  RemoteSource(ThreadPool& pool, std::shared_ptr<RemoteContent> content) : pool_(pool), content_(std::move(content)) {}

  void Read(std::uint64_t offset, std::uint64_t end, char* buffer, std::size_t size, Done done) override {
    Run(pool_, content_, {offset, end, buffer, size}, std::move(done));
  }

 private:
  struct Piece {
    std::uint64_t offset, end;
    char* buffer;
    std::size_t size;
  };

  static Detached Run(ThreadPool& pool, std::shared_ptr<RemoteContent> content, Piece piece, Done done) {
    std::function<std::size_t(PoolThread&)> read = [&](PoolThread&) -> std::size_t {
      return content->Read(piece.offset, piece.end, piece.buffer, piece.size).value_or(0);
    };
    auto got = co_await pool.Run<std::size_t>(read);
    // Its owner may be gone with this call: what is kept of the content goes with it, not on a thread.
    done(got.value_or(0));
  }

  ThreadPool& pool_;
  const std::shared_ptr<RemoteContent> content_;
};

}  // namespace

std::shared_ptr<ContentSource> MakeRemoteSource(ThreadPool& pool, std::shared_ptr<RemoteContent> content) {
  return std::make_shared<RemoteSource>(pool, std::move(content));
}

}  // namespace wombat
