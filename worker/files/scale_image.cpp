#include "worker/files/scale_image.h"

#include <dlfcn.h>

#include <memory>
#include <mutex>

namespace wombat {
namespace {

// The part of libvips' interface that is used, as its documentation gives it.
struct VipsImage;
constexpr int kSizeForce = 3;            // VIPS_SIZE_FORCE
constexpr const char* kStrict = "[fail_on=error]";   // what is cut off is no image
constexpr int kAllLogLevels = 0xfc;      // G_LOG_LEVEL_MASK
constexpr int kJpegQuality = 95;

struct Vips {
  int (*init)(const char*);
  void (*concurrency_set)(int);
  void (*cache_set_max)(int);
  void (*operation_block_set)(const char*, int);
  VipsImage* (*image_new_from_buffer)(const void*, std::size_t, const char*, ...);
  int (*thumbnail_buffer)(void*, std::size_t, VipsImage**, int, ...);
  int (*extract_area)(VipsImage*, VipsImage**, int, int, int, int, ...);
  int (*jpegsave_buffer)(VipsImage*, void**, std::size_t*, ...);
  int (*pngsave_buffer)(VipsImage*, void**, std::size_t*, ...);
  int (*gifsave_buffer)(VipsImage*, void**, std::size_t*, ...);
  int (*image_get_width)(const VipsImage*);
  int (*image_get_height)(const VipsImage*);
  int (*image_get_orientation_swap)(VipsImage*);
  int (*image_get_n_pages)(VipsImage*);
  void (*image_set_progress)(VipsImage*, int);
  void (*image_set_kill)(VipsImage*, int);
  const char* (*error_buffer)();
  void (*error_clear)();
  void (*thread_shutdown)();
  void (*object_unref)(void*);
  unsigned long (*signal_connect)(void*, const char*, void (*)(), void*, void (*)(), int);
  void (*free)(void*);
  unsigned (*log_set_handler)(const char*, int, void (*)(const char*, int, const char*, void*), void*);
};

template <class Function>
bool Find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(::dlsym(library, name));
  return function != nullptr;
}

// Never unloaded: it keeps threads and caches of its own.
std::unique_ptr<Vips> Load() {
  void* library = ::dlopen("libvips.so.42", RTLD_NOW | RTLD_LOCAL);
  if (!library) return nullptr;
  auto vips = std::make_unique<Vips>();
  const bool found =
      Find(library, "vips_init", vips->init) && Find(library, "vips_concurrency_set", vips->concurrency_set) &&
      Find(library, "vips_cache_set_max", vips->cache_set_max) &&
      Find(library, "vips_operation_block_set", vips->operation_block_set) &&
      Find(library, "vips_image_new_from_buffer", vips->image_new_from_buffer) &&
      Find(library, "vips_thumbnail_buffer", vips->thumbnail_buffer) && Find(library, "vips_extract_area", vips->extract_area) &&
      Find(library, "vips_jpegsave_buffer", vips->jpegsave_buffer) && Find(library, "vips_pngsave_buffer", vips->pngsave_buffer) &&
      Find(library, "vips_gifsave_buffer", vips->gifsave_buffer) && Find(library, "vips_image_get_width", vips->image_get_width) &&
      Find(library, "vips_image_get_height", vips->image_get_height) &&
      Find(library, "vips_image_get_orientation_swap", vips->image_get_orientation_swap) &&
      Find(library, "vips_image_get_n_pages", vips->image_get_n_pages) &&
      Find(library, "vips_image_set_progress", vips->image_set_progress) &&
      Find(library, "vips_image_set_kill", vips->image_set_kill) && Find(library, "vips_error_buffer", vips->error_buffer) &&
      Find(library, "vips_error_clear", vips->error_clear) && Find(library, "vips_thread_shutdown", vips->thread_shutdown) &&
      // Of the libraries that it is made with.
      Find(library, "g_object_unref", vips->object_unref) && Find(library, "g_signal_connect_data", vips->signal_connect) &&
      Find(library, "g_free", vips->free) && Find(library, "g_log_set_handler", vips->log_set_handler);
  if (!found || vips->init("wombat") != 0) return nullptr;
  // What it has to say of each row of a broken image is of no use to anybody.
  vips->log_set_handler("VIPS", kAllLogLevels, [](const char*, int, const char*, void*) {}, nullptr);
  // One thread an image: many are scaled at once. No cache: each is read once.
  vips->concurrency_set(1);
  vips->cache_set_max(0);
  // Nothing but these four formats, whatever the bytes look like.
  vips->operation_block_set("VipsForeignLoad", 1);
  for (const char* allowed : {"VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadNsgif", "VipsForeignLoadWebp"})
    vips->operation_block_set(allowed, 0);
  return vips;
}

const Vips* Library() {
  static std::once_flag once;
  static std::unique_ptr<Vips> vips;
  std::call_once(once, [] { vips = Load(); });
  return vips.get();
}

class Image {
 public:
  Image(const Vips& vips, VipsImage* image) : vips_(vips), image_(image) {}
  ~Image() {
    if (image_) vips_.object_unref(image_);
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  VipsImage* get() const { return image_; }

 private:
  const Vips& vips_;
  VipsImage* image_;
};

// What a thread leaves in the library goes when its image is done.
struct ThreadEnd {
  const Vips& vips;
  ~ThreadEnd() { vips.thread_shutdown(); }
};

struct Deadline {
  const Vips* vips;
  std::chrono::steady_clock::time_point end;
};

// Called by the library while it computes.
void StopWhenLate(VipsImage* image, void*, Deadline* deadline) {
  if (std::chrono::steady_clock::now() > deadline->end) deadline->vips->image_set_kill(image, 1);
}

std::unexpected<Error> Failed(const Vips& vips, std::string_view what) {
  std::string text(what);
  text.append(": ").append(vips.error_buffer());
  vips.error_clear();
  return Fail(std::move(text));
}

Result<ScaledImage> Encode(const Vips& vips, VipsImage* image, std::string_view content_type) {
  void* bytes = nullptr;
  std::size_t size = 0;
  ScaledImage encoded;
  int failed = 0;
  const char* const end = nullptr;
  if (content_type == "image/jpeg") {
    encoded.content_type = "image/jpeg";
    failed = vips.jpegsave_buffer(image, &bytes, &size, "Q", kJpegQuality, "strip", 1, end);
  } else if (content_type == "image/gif") {
    encoded.content_type = "image/gif";
    failed = vips.gifsave_buffer(image, &bytes, &size, "strip", 1, end);
  } else {
    encoded.content_type = "image/png";
    failed = vips.pngsave_buffer(image, &bytes, &size, "strip", 1, end);
  }
  if (failed) return Failed(vips, "the thumb cannot be written");
  encoded.content.assign(static_cast<const char*>(bytes), size);
  vips.free(bytes);
  return encoded;
}

}  // namespace

Result<ScaledImage> ScaleImage(std::string_view image, std::string_view content_type, const ThumbSize& size) {
  const Vips* vips = Library();
  if (!vips) return Fail("libvips cannot be loaded");
  const ThreadEnd at_end{*vips};
  const char* const end = nullptr;
  int width = 0, height = 0;
  {
    const Image header(*vips, vips->image_new_from_buffer(image.data(), image.size(), "", end));
    if (!header.get()) return Failed(*vips, "the image cannot be read");
    if (content_type == "image/webp" && vips->image_get_n_pages(header.get()) > 1) return Fail("an animated WebP stays as it is");
    width = vips->image_get_width(header.get());
    height = vips->image_get_height(header.get());
    if (vips->image_get_orientation_swap(header.get())) std::swap(width, height);
  }
  if (width <= 0 || height <= 0 || std::int64_t(width) * height > kMaxThumbPixels) return Fail("the image is too large");
  const ThumbPlan plan = PlanThumb(size, width, height);
  if (std::int64_t(plan.scaled_width) * plan.scaled_height > kMaxThumbPixels) return Fail("the thumb would be too large");

  VipsImage* made = nullptr;
  if (vips->thumbnail_buffer(const_cast<char*>(image.data()), image.size(), &made, plan.scaled_width, "height",
                             plan.scaled_height, "size", kSizeForce, "option_string", kStrict, end))
    return Failed(*vips, "the image cannot be scaled");
  const Image scaled(*vips, made);
  made = nullptr;
  if (vips->extract_area(scaled.get(), &made, plan.left, plan.top, plan.width, plan.height, end))
    return Failed(*vips, "the image cannot be cropped");
  const Image cropped(*vips, made);
  Deadline deadline{vips, std::chrono::steady_clock::now() + kThumbTimeLimit};
  vips->image_set_progress(cropped.get(), 1);
  vips->signal_connect(cropped.get(), "eval", reinterpret_cast<void (*)()>(&StopWhenLate), &deadline, nullptr, 0);
  return Encode(*vips, cropped.get(), content_type);
}

}  // namespace wombat
