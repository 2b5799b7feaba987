#include "proto/command_client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "common/base/unique_fd.h"
#include "proto/connect.h"
#include "proto/frame.h"
#include "proto/values.h"

namespace wombat {
namespace {

Result<void> SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return Fail("the writer went away");
    bytes.remove_prefix(std::size_t(sent));
  }
  return {};
}

}  // namespace

Result<CommandReply> SendCommand(const std::string& socket_path, const std::vector<std::string>& words) {
  auto fd = ConnectToWriter(socket_path);
  if (!fd) return std::unexpected(fd.error());
  std::string out;
  {
    capnp::MallocMessageBuilder hello;
    hello.initRoot<proto::Message>().initHello();
    AppendFrame(out, hello);
    capnp::MallocMessageBuilder builder;
    auto list = builder.initRoot<proto::Message>().initCommand().initWords(unsigned(words.size()));
    for (unsigned i = 0; i < list.size(); i++) list.set(i, ToText(words[i]));
    AppendFrame(out, builder);
  }
  if (auto sent = SendAll(fd->get(), out); !sent) return std::unexpected(sent.error());
  FrameReader frames;
  bool answered = false;
  CommandReply reply;
  char buffer[65536];
  while (!answered) {
    ssize_t n = ::read(fd->get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Fail("the writer went away before it answered");
    bool understood = frames.Feed({buffer, std::size_t(n)}, [&](Frame frame) {
      auto message = frame.message();
      if (!message.isCommandReply()) return;
      auto in = message.getCommandReply();
      reply = {in.getExitStatus(), std::string(View(in.getOutput())), std::string(View(in.getError()))};
      answered = true;
    });
    if (!understood) return Fail("the writer's answer cannot be understood");
  }
  return reply;
}

}  // namespace wombat
