// The few XML documents with which a bucket answers.                                      Behaviour: spec 05 §2.6.
//
// What comes from a server is trusted no further than what comes from a client: no document types, no entities but the five
// of XML and numbers, a bounded depth. Namespaces are ignored. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wombat {

// Calls `leaf` with the path ("ListBucketResult/Contents/Key") and the text of each element without children, and with the
// path and an empty text at the end of each other one. False: no XML, or some that no bucket sends.
bool WalkXml(std::string_view xml, const std::function<void(std::string_view path, std::string text, bool has_children)>& ended);

struct S3ErrorText {
  std::string code, message;
};
// Empty when it is no error document.
S3ErrorText ParseS3Error(std::string_view xml);

struct S3Listing {
  std::vector<std::string> keys;        // names of objects
  std::vector<std::string> folders;     // common prefixes, "/" at the end
  std::string continuation;             // "": this was the last page
};
std::optional<S3Listing> ParseS3Listing(std::string_view xml);

std::optional<std::string> ParseUploadId(std::string_view xml);

struct UnfinishedUpload {
  std::string key, id;
};
std::optional<std::vector<UnfinishedUpload>> ParseUnfinishedUploads(std::string_view xml);

std::string EscapeXml(std::string_view text);

}  // namespace wombat
