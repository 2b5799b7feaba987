#include "common/base/console.h"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace wombat {
namespace {

bool g_development = false;

// One write for the whole text: several processes print to the same terminal.
void Print(std::string_view text) { (void)!::write(STDOUT_FILENO, text.data(), text.size()); }

std::string LevelName(int level) {
  switch (level) {
    case -4: return "DEBUG";
    case 0: return "INFO";
    case 4: return "WARN";
    case 8: return "ERROR";
    default: return "[" + std::to_string(level) + "]";
  }
}

}  // namespace

void ShowDevelopmentOutput(bool on) { g_development = on; }
bool DevelopmentOutput() { return g_development; }

void PrintLogEntry(int level, std::string_view message, std::string_view error, std::string_view details) {
  std::string text = LevelName(level);
  text.append(" ").append(message).append("\n");
  if (!error.empty()) text.append("└─ ").append(error).append("\n");
  if (!error.empty() && !details.empty()) text.append("   └─ ").append(details).append("\n");
  Print(text);
}

void PrintMail(std::span<const std::pair<std::string_view, std::string>> lines, std::string_view label, std::string_view content) {
  std::string text = "Mail\n";
  for (const auto& [name, value] : lines) text.append("├─ ").append(name).append(": ").append(value).append("\n");
  text.append("└─ ").append(label).append(":\n");
  while (!content.empty()) {
    const std::size_t end = content.find('\n');
    text.append("        ").append(content.substr(0, end)).append("\n");
    content.remove_prefix(end == content.npos ? content.size() : end + 1);
  }
  Print(text);
}

void PrintStatement(double milliseconds, std::string_view sql) {
  char time[40];
  std::snprintf(time, sizeof time, "[%.2fms] ", milliseconds);
  std::string text = time;
  text.append(sql).append("\n");
  Print(text);
}

}  // namespace wombat
