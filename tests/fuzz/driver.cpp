// Runs a fuzz target (LLVMFuzzerTestOneInput) without libFuzzer, which g++ does not have: random inputs, and mutations
// of seeds that are given or were made up before. Whatever the target does wrong, it does in this process: a crash, a
// sanitizer's report or an input that takes too long ends it, and the input is left in a file.
//
//   NAME_fuzz [-max_total_time=SECONDS] [-runs=N] [-seed=N] [-max_len=N] [-timeout=SECONDS]
//             [-artifact_prefix=P] [PATH...]
//
// A PATH is a file to run or a folder of seeds. With files only, each is run once: that is how a finding is repeated.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

using Input = std::vector<std::uint8_t>;
using Clock = std::chrono::steady_clock;

struct Options {
  std::uint64_t max_total_time = 5;  // seconds
  std::uint64_t runs = 0;            // 0: as many as the time allows
  std::uint64_t seed = std::random_device()();
  std::uint64_t max_len = 4096;
  std::uint64_t timeout = 10;  // seconds one input may take
  std::string artifact_prefix = "./";
  std::vector<std::string> paths;
};

// What the parsers under test react to: pieces of their languages, and the numbers at which lengths go wrong.
constexpr std::string_view kWords[] = {
    "GET / HTTP/1.1\r\n",
    "POST ",
    "Host: a\r\n",
    "Content-Length: ",
    "Transfer-Encoding: chunked\r\n",
    "\r\n\r\n",
    "0\r\n\r\n",
    "Content-Type: multipart/form-data; boundary=x\r\n",
    "--x\r\n",
    "--x--",
    "Content-Disposition: form-data; name=\"",
    "filename=\"",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "%2e%2e/",
    "%00",
    "%zz",
    "?filter=",
    "&sort=-",
    "&expand=a.b",
    "&fields=*,a:excerpt(3,true)",
    "@request.auth.id",
    "@request.body.",
    "@request.query.",
    "@collection.a.b",
    ":isset",
    ":length",
    ":each",
    ":lower",
    ":changed",
    "_via_",
    "&&",
    "||",
    "!~",
    "?=",
    "?!=",
    ">=",
    "!=",
    "~",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\\",
    "\\u0000",
    "\\ud800",
    "//",
    "null",
    "true",
    "false",
    "-1",
    "1e999",
    "0.1",
    "@now",
    "@yesterday",
    "geoDistance(",
    "strftime(",
    "CREATE UNIQUE INDEX `a` ON `b` (`c` COLLATE NOCASE DESC) WHERE d != ''",
    "SELECT a.id, max(b) as c FROM a LEFT JOIN b ON a.id = b.a GROUP BY a.id",
    " UNION ",
    "/*",
    "*/",
    "--",
    ";",
    "\xff\xfe",
    "\xed\xa0\x80",
    "18446744073709551616",
    "9223372036854775807",
    "4294967295",
    "eyJhbGciOiJIUzI1NiJ9.e30.",
    "Bearer ",
};

Options g_options;
const Input* g_current = nullptr;  // what a signal handler saves

// Only calls that are safe in a signal handler.
void SaveCurrent() {
  if (g_current == nullptr) return;
  static char path[4096];
  std::snprintf(path, sizeof path, "%scrash", g_options.artifact_prefix.c_str());
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return;
  const bool whole = write(file, g_current->data(), g_current->size()) == static_cast<ssize_t>(g_current->size());
  close(file);
  std::fprintf(stderr, "%s input (%zu bytes) in %s\n", whole ? "the" : "a part of the", g_current->size(), path);
}

void OnSignal(int signal) {
  std::fprintf(stderr, signal == SIGALRM ? "an input takes too long\n" : "signal %d\n", signal);
  SaveCurrent();
  std::signal(signal, SIG_DFL);
  if (signal == SIGALRM) _exit(1);
  raise(signal);
}

extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*)());

void RunOne(const Input& input) {
  g_current = &input;
  alarm(static_cast<unsigned>(g_options.timeout));
  // A copy of exactly that size: AddressSanitizer then sees a read past the end.
  const Input exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  alarm(0);
  g_current = nullptr;
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  Input Next(const std::vector<Input>& corpus) {
    Input input;
    if (!corpus.empty() && Below(8) != 0) input = corpus[Below(corpus.size())];
    for (std::size_t n = 1 + Below(6); n > 0; --n) Mutate(input, corpus);
    if (input.size() > g_options.max_len) input.resize(g_options.max_len);
    return input;
  }

  std::size_t Below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

 private:
  void Mutate(Input& input, const std::vector<Input>& corpus) {
    const std::size_t at = Below(input.size() + 1);
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (Below(9)) {
      case 0:
        if (at < input.size()) input[at] ^= static_cast<std::uint8_t>(1u << Below(8));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<std::uint8_t>(Below(256));
        break;
      case 2:
        input.insert(place, static_cast<std::uint8_t>(Below(256)));
        break;
      case 3:
        input.erase(place, place + static_cast<std::ptrdiff_t>(Below(input.size() - at + 1)));
        break;
      case 4: {
        const Input piece = Piece(input);
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(Below(input.size() + 1)), piece.begin(), piece.end());
        break;
      }
      case 5: {
        // The same piece many times over: depth and length are what parsers forget to limit.
        const Input piece = Piece(input);
        const std::size_t times =
            std::min<std::size_t>(Below(200), piece.empty() ? 0 : g_options.max_len / piece.size());
        Input run;
        for (std::size_t n = 0; n < times; ++n) run.insert(run.end(), piece.begin(), piece.end());
        input.insert(place, run.begin(), run.end());
        break;
      }
      case 6: {
        if (corpus.empty()) break;
        const Input piece = Piece(corpus[Below(corpus.size())]);
        input.insert(place, piece.begin(), piece.end());
        break;
      }
      default: {
        const std::string_view word = kWords[Below(std::size(kWords))];
        input.insert(place, word.begin(), word.end());
      }
    }
  }

  Input Piece(const Input& from) {
    const std::size_t start = Below(from.size());
    const std::size_t length = std::min<std::size_t>(from.size() - start, 1 + Below(32));
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(start);
    return {begin, begin + static_cast<std::ptrdiff_t>(length)};
  }

  std::mt19937_64 random_;
};

bool ReadNumber(std::string_view argument, std::string_view name, std::uint64_t& value) {
  if (!argument.starts_with(name)) return false;
  const std::string_view digits = argument.substr(name.size());
  return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc();
}

void ReadOptions(int argc, char** argv) {
  for (int n = 1; n < argc; ++n) {
    const std::string_view argument = argv[n];
    if (ReadNumber(argument, "-max_total_time=", g_options.max_total_time) ||
        ReadNumber(argument, "-runs=", g_options.runs) || ReadNumber(argument, "-seed=", g_options.seed) ||
        ReadNumber(argument, "-max_len=", g_options.max_len) || ReadNumber(argument, "-timeout=", g_options.timeout)) {
      continue;
    }
    constexpr std::string_view kPrefix = "-artifact_prefix=";
    if (argument.starts_with(kPrefix)) {
      g_options.artifact_prefix = argument.substr(kPrefix.size());
    } else if (!argument.starts_with("-")) {
      g_options.paths.emplace_back(argument);
    }
  }
}

Input ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Keeps the pool of inputs to mutate bounded and changing: without coverage feedback, any input is as good as another.
void Keep(std::vector<Input>& corpus, std::size_t seeds, Input input, Mutator& mutator) {
  constexpr std::size_t kMaxMadeUp = 256;
  if (mutator.Below(16) != 0) return;
  if (corpus.size() < seeds + kMaxMadeUp) {
    corpus.push_back(std::move(input));
  } else {
    corpus[seeds + mutator.Below(kMaxMadeUp)] = std::move(input);
  }
}

int Fuzz(std::vector<Input> corpus) {
  Mutator mutator(g_options.seed);
  const std::size_t seeds = corpus.size();
  const auto end = Clock::now() + std::chrono::seconds(g_options.max_total_time);
  std::printf("seed %llu, %zu seeds\n", static_cast<unsigned long long>(g_options.seed), seeds);
  std::fflush(stdout);
  for (const Input& input : corpus) RunOne(input);
  std::uint64_t done = 0;
  while (g_options.runs == 0 ? Clock::now() < end : done < g_options.runs) {
    Input input = mutator.Next(corpus);
    RunOne(input);
    ++done;
    Keep(corpus, seeds, std::move(input), mutator);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%llu inputs, at most %ld MB\n", static_cast<unsigned long long>(done), usage.ru_maxrss / 1024);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  ReadOptions(argc, argv);
  for (const int signal : {SIGALRM, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, OnSignal);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(SaveCurrent);

  std::vector<Input> corpus;
  bool only_files = !g_options.paths.empty();
  for (const std::string& path : g_options.paths) {
    if (!std::filesystem::is_directory(path)) {
      corpus.push_back(ReadFile(path));
      continue;
    }
    only_files = false;
    for (const auto& entry : std::filesystem::directory_iterator(path)) corpus.push_back(ReadFile(entry.path()));
  }
  if (!only_files) return Fuzz(std::move(corpus));
  for (const Input& input : corpus) RunOne(input);
  return 0;
}
