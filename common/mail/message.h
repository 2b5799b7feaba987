// One mail as plain data.                                                                    Behaviour: spec 04 §9.3.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace wombat {

struct MailAddress {
  std::string name;                // "": the bare address
  std::string address;
};

struct MailMessage {
  MailAddress from;
  std::vector<MailAddress> to, cc;
  std::vector<MailAddress> bcc;    // recipients that no header names
  std::string subject;
  std::string html;
  std::string text;                // "": made from `html`
  std::map<std::string, std::string> headers;              // further ones
  std::map<std::string, std::string> attachments;          // content by file name
  std::map<std::string, std::string> inline_attachments;   // content by content id
};

}  // namespace wombat
