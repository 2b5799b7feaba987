// What `--dev` prints: log entries and SQL statements.                                             spec 05 §5.4, §8.5
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace wombat {

// Set once, before the process starts threads; the others ask it.
void ShowDevelopmentOutput(bool on);
bool DevelopmentOutput();

// One log entry: its level's name, the message, and below it, when there are any, the error and its cause. Any thread; the
// lines of one entry stay together.
void PrintLogEntry(int level, std::string_view message, std::string_view error, std::string_view details);
// One mail: a line for each of `lines`, and its content below `label`.
void PrintMail(std::span<const std::pair<std::string_view, std::string>> lines, std::string_view label, std::string_view content);
void PrintStatement(double milliseconds, std::string_view sql);

}  // namespace wombat
