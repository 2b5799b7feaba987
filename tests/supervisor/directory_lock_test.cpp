#include "supervisor/directory_lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "supervisor/control_socket.h"
#include "tests/supervisor/temp_dir.h"

namespace wombat {
namespace {

using std::chrono::milliseconds;

// A process that holds something until it is killed.
template <class Body>
pid_t Hold(Body body) {
  int ready[2];
  EXPECT_EQ(::pipe(ready), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    body([&] { [[maybe_unused]] auto n = ::write(ready[1], "x", 1); });
    ::_exit(0);
  }
  char byte;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  return pid;
}

void End(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

TEST(DirectoryLock, CreatesTheDirectoryAndWritesItsPid) {
  TempDir dir;
  auto lock = DirectoryLock::Take(dir / "a/b");
  ASSERT_TRUE(lock) << lock.error().message;
  std::ifstream file(dir / "a/b/.notify/wombat.lock");
  pid_t pid = 0;
  file >> pid;
  EXPECT_EQ(pid, ::getpid());
}

TEST(DirectoryLock, IsRefusedWithThePidOfItsHolder) {
  TempDir dir;
  const pid_t holder = Hold([&](auto ready) {
    auto lock = DirectoryLock::Take(dir.path());
    ready();
    ::pause();
  });
  auto lock = DirectoryLock::Take(dir.path());
  ASSERT_FALSE(lock);
  EXPECT_TRUE(lock.error().held);
  EXPECT_EQ(lock.error().holder, holder);
  EXPECT_NE(lock.error().message.find("process " + std::to_string(holder)), std::string::npos);
  End(holder);
}

TEST(DirectoryLock, IsFreeAgainAfterItsHolderWasKilled) {
  TempDir dir;
  End(Hold([&](auto ready) {
    auto lock = DirectoryLock::Take(dir.path());
    ready();
    ::pause();
  }));
  EXPECT_TRUE(std::filesystem::exists(dir / ".notify/wombat.lock"));
  EXPECT_TRUE(DirectoryLock::Take(dir.path()));
}

TEST(DirectoryLock, RemovesItsFileWhenItIsGivenBack) {
  TempDir dir;
  { auto lock = DirectoryLock::Take(dir.path()); }
  EXPECT_FALSE(std::filesystem::exists(dir / ".notify/wombat.lock"));
}

TEST(DirectoryLock, StaysHeldWhileAForkedChildLives) {
  TempDir dir;
  pid_t child = 0;
  {
    auto lock = DirectoryLock::Take(dir.path());
    child = Hold([](auto ready) {
      ready();
      ::pause();
    });
    // Given back without removing the file, as when the owner is killed.
    std::filesystem::copy_file(dir / ".notify/wombat.lock", dir / "copy");
    std::filesystem::create_hard_link(dir / ".notify/wombat.lock", dir / "link");
  }
  std::filesystem::rename(dir / "link", dir / ".notify/wombat.lock");
  EXPECT_FALSE(DirectoryLock::Take(dir.path()));
  End(child);
  EXPECT_TRUE(DirectoryLock::Take(dir.path()));
}

TEST(DirectoryLock, ADirectoryThatCannotBeMadeIsNotReportedAsHeld) {
  TempDir dir;
  std::ofstream(dir / "file") << "x";
  auto lock = DirectoryLock::Take(dir / "file/pb_data");
  ASSERT_FALSE(lock);
  EXPECT_FALSE(lock.error().held);
}

TEST(TakeWithPatience, WaitsForAHolderThatIsNoServer) {
  TempDir dir;
  const pid_t holder = Hold([&](auto ready) {
    auto lock = DirectoryLock::Take(dir.path());
    ready();
    ::usleep(150'000);
  });
  EXPECT_TRUE(TakeWithPatience(dir.path(), milliseconds(5000)));
  End(holder);
}

TEST(TakeWithPatience, RefusesAtOnceWhenAServerTakesConnections) {
  TempDir dir;
  const pid_t holder = Hold([&](auto ready) {
    auto lock = DirectoryLock::Take(dir.path());
    auto socket = ControlSocket::Listen(dir.path());
    ready();
    ::pause();
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(TakeWithPatience(dir.path(), milliseconds(20'000)));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(5000));
  End(holder);
}

TEST(ControlSocket, IsForItsOwnerOnlyAndRemovedAtTheEnd) {
  TempDir dir;
  auto lock = DirectoryLock::Take(dir.path());
  {
    auto socket = ControlSocket::Listen(dir.path());
    ASSERT_TRUE(socket) << socket.error().message;
    struct stat info {};
    ASSERT_EQ(::stat((dir / ".notify/wombat.sock").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    EXPECT_TRUE(SomebodyListens(dir.path()));
  }
  EXPECT_FALSE(std::filesystem::exists(dir / ".notify/wombat.sock"));
  EXPECT_FALSE(SomebodyListens(dir.path()));
}

TEST(ControlSocket, ReplacesOneThatAKilledServerLeft) {
  TempDir dir;
  End(Hold([&](auto ready) {
    auto lock = DirectoryLock::Take(dir.path());
    auto socket = ControlSocket::Listen(dir.path());
    ready();
    ::pause();
  }));
  ASSERT_TRUE(std::filesystem::exists(dir / ".notify/wombat.sock"));
  EXPECT_FALSE(SomebodyListens(dir.path()));
  auto socket = ControlSocket::Listen(dir.path());
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_TRUE(SomebodyListens(dir.path()));
}

TEST(ControlSocket, WorksUnderAPathThatIsTooLongForAnAddress) {
  TempDir dir;
  const std::string deep = dir / (std::string(100, 'a') + "/" + std::string(100, 'b'));
  auto lock = DirectoryLock::Take(deep);
  ASSERT_TRUE(lock) << lock.error().message;
  auto socket = ControlSocket::Listen(deep);
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_LT(socket->path().size(), 108u);
  EXPECT_TRUE(std::filesystem::exists(deep + "/.notify/wombat.sock"));
  EXPECT_TRUE(SomebodyListens(deep));
}

}  // namespace
}  // namespace wombat
