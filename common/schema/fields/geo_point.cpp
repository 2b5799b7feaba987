#include "common/schema/fields/geo_point.h"

#include <charconv>

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/schema/fields/cells.h"

namespace wombat {
namespace {

struct Point {
  double lon = 0;
  double lat = 0;
};

void AppendPoint(std::string& out, const Point& point) {
  out += "{\"lon\":";
  AppendJsonNumber(out, point.lon);
  out += ",\"lat\":";
  AppendJsonNumber(out, point.lat);
  out += '}';
}

Json ToJson(const Point& point) { return Json::Object({{"lon", point.lon}, {"lat", point.lat}}); }

// `clean` becomes false when a member that counts has another type than number or null.
Point PointOf(const Json& object, bool& clean) {
  Point point;
  clean = true;
  if (!object.is_object()) return point;
  for (const auto& [key, value] : object.as_object()) {
    double* target = EqualsIgnoreCase(key, "lon") ? &point.lon : EqualsIgnoreCase(key, "lat") ? &point.lat : nullptr;
    if (!target) continue;
    if (value.is_number()) {
      *target = value.as_number();
    } else if (!value.is_null()) {
      clean = false;
    }
  }
  return point;
}

Point PointOf(const Json& object) {
  bool clean = true;
  return PointOf(object, clean);
}

// nullopt: the cell makes its record unreadable (06 §11).
std::optional<Point> ReadCell(const Cell& cell) {
  const int type = cell.type();
  if (type == SQLITE_NULL) return Point();
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) return std::nullopt;
  const std::string_view text = cell.text();
  if (text.empty()) return Point();
  const auto parsed = ParseJson(text);
  if (!parsed) return std::nullopt;
  if (parsed->is_null()) return Point();
  bool clean = parsed->is_object();
  const Point point = clean ? PointOf(*parsed, clean) : Point();
  return clean ? std::optional(point) : std::nullopt;
}

// Takes a number and what must follow it off the front of `text`.
bool TakeNumber(std::string_view& text, char follower, double& value) {
  const bool plain = !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!plain || code != std::errc() || end == text.data() + text.size() || *end != follower) return false;
  text.remove_prefix(std::size_t(end - text.data()) + 1);
  return true;
}

// The form that ToColumn writes, which nearly every cell has: no JSON tree needed.
bool ReadStoredForm(std::string_view text, Point& point) {
  static constexpr std::string_view kLon = "{\"lon\":";
  static constexpr std::string_view kLat = "\"lat\":";
  if (!text.starts_with(kLon)) return false;
  text.remove_prefix(kLon.size());
  if (!TakeNumber(text, ',', point.lon) || !text.starts_with(kLat)) return false;
  text.remove_prefix(kLat.size());
  return TakeNumber(text, '}', point.lat) && text.empty();
}

}  // namespace

Json GeoPointField::FromCell(const Cell& cell) const { return ToJson(ReadCell(cell).value_or(Point())); }

SqlValue GeoPointField::ToColumn(const Json& value) const {
  std::string text;
  AppendPoint(text, PointOf(value));
  return text;
}

Json GeoPointField::ZeroValue() const { return ToJson({}); }

Json GeoPointField::Cast(const Json& submitted) const {
  if (!submitted.is_string()) return ToJson(PointOf(submitted));
  const auto parsed = ParseJson(submitted.as_string());
  return ToJson(parsed ? PointOf(*parsed) : Point());
}

void GeoPointField::AppendJson(std::string& out, const Json& value) const { AppendPoint(out, PointOf(value)); }

bool GeoPointField::AppendCellJson(std::string& out, const Cell& cell) const {
  Point stored;
  if (cell.type() == SQLITE_TEXT && ReadStoredForm(cell.text(), stored)) {
    AppendPoint(out, stored);
    return true;
  }
  const std::optional<Point> point = ReadCell(cell);
  if (!point) return false;
  AppendPoint(out, *point);
  return true;
}

bool GeoPointField::IsBlank(const Json& value) const {
  const Point point = PointOf(value);
  return point.lon == 0 && point.lat == 0;
}

Result<std::optional<FieldError>> GeoPointField::Validate(const Json& value, ValidationContext&) const {
  const Point point = PointOf(value);
  if (point.lon == 0 && point.lat == 0) {
    if (required) return FieldError::Required();
    return std::nullopt;
  }
  if (point.lat < -90 || point.lat > 90) {
    return FieldError{"validation_invalid_latitude", "Latitude must be between -90 and 90 degrees.", {}};
  }
  if (point.lon < -180 || point.lon > 180) {
    return FieldError{"validation_invalid_longitude", "Longitude must be between -180 and 180 degrees.", {}};
  }
  return std::nullopt;
}

const std::vector<Field::Option>& GeoPointField::OptionTable() const {
  static const std::vector<Option> none;
  return none;
}

}  // namespace wombat
