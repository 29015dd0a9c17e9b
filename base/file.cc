#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace dovetail::base {
namespace {

constexpr mode_t kOutputMode = 0775;
constexpr const char* kOpenFiles = "/proc/self/fd";
constexpr uint64_t kPage = 4096, kCopyBytes = 1 << 16;

// Go's syscall.Errno texts are strerror's with a small first letter.
absl::Status errno_status(int error) {
  char buffer[128];
  std::string text = strerror_r(error, buffer, sizeof buffer);
  if (!text.empty()) text[0] = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
  return absl::Status(error == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable, text);
}

bool write_all(int fd, const uint8_t* data, uint64_t size) {
  while (size > 0) {
    ssize_t n = ::write(fd, data, std::min<uint64_t>(size, 1u << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<uint64_t>(n);
  }
  return true;
}

// The first `size` bytes of a file to `offset` of another one. 0, or the error; EIO if the file has become shorter.
int copy_file(int from, uint64_t size, int to, uint64_t offset) {
  std::unique_ptr<uint8_t[]> buffer(new uint8_t[kCopyBytes]);
  for (uint64_t at = 0; at < size;) {
    ssize_t n = ::pread(from, buffer.get(), std::min(size - at, kCopyBytes), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    for (ssize_t done = 0; done < n;) {
      ssize_t written = ::pwrite(to, buffer.get() + done, static_cast<size_t>(n - done),
                                 static_cast<off_t>(offset + at + static_cast<uint64_t>(done)));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return written < 0 ? errno : EIO;
      done += written;
    }
    at += static_cast<uint64_t>(n);
  }
  return 0;
}

// Beside a file that it is to replace.
std::string temporary_name(const std::string& path) { return absl::StrCat(path, ".dovetail-", ::getpid()); }

mode_t current_umask() {
  mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

}  // namespace

AddressSpace::AddressSpace(uint64_t bytes, uint32_t most_mapped) : left_to_map_(most_mapped) {
  void* p = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return;
  begin_ = static_cast<uint8_t*>(p);
  size_ = bytes;
}

AddressSpace& AddressSpace::operator=(AddressSpace&& other) noexcept {
  std::swap(begin_, other.begin_);
  std::swap(size_, other.size_);
  std::swap(used_, other.used_);
  std::swap(left_to_map_, other.left_to_map_);
  std::swap(copied_from_, other.copied_from_);
  std::swap(copies_, other.copies_);
  return *this;
}

AddressSpace::~AddressSpace() {
  if (begin_) ::munmap(begin_, size_);
  if (copies_ >= 0) ::close(copies_);
}

void* AddressSpace::take(uint64_t bytes) {
  uint64_t room = (bytes + kPage - 1) / kPage * kPage;
  if (room < bytes || room > size_ - used_) return nullptr;
  uint8_t* place = begin_ + used_;
  used_ += room;
  if (left_to_map_ > 0) {
    left_to_map_--;
  } else if (copied_from_ == nullptr) {
    copied_from_ = place;
    copies_ = ::memfd_create("inputs", MFD_CLOEXEC);  // if that fails, files are mapped as long as the system lets us
  }
  return place;
}

Resident resident_memory() {
  static const int fd = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);  // pages: total resident shared ...
  char text[128];
  ssize_t n = fd < 0 ? -1 : ::pread(fd, text, sizeof text - 1, 0);
  if (n <= 0) return {};
  text[n] = 0;
  char* at = text;
  uint64_t bytes[3];
  for (uint64_t& field : bytes) field = std::strtoull(at, &at, 10) * kPage;
  // The counts are not taken at one moment.
  return {bytes[1] - std::min(bytes[1], bytes[2]), bytes[2]};
}

uint64_t resident_pages(Bytes mapped) {
  static const int fd = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);  // a u64 for each page; bit 63: present
  if (mapped.empty()) return 0;
  uint64_t first = reinterpret_cast<uintptr_t>(mapped.data()) / kPage;
  uint64_t end = (reinterpret_cast<uintptr_t>(mapped.data()) + mapped.size() - 1) / kPage + 1, count = 0;
  for (uint64_t entries[512]; first < end;) {
    uint64_t n = std::min<uint64_t>(end - first, 512);
    if (::pread(fd, entries, n * 8, static_cast<off_t>(first * 8)) != static_cast<ssize_t>(n * 8)) break;
    for (uint64_t i = 0; i < n; i++) count += entries[i] >> 63;
    first += n;
  }
  return count;
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<uint8_t*>(data_), size_);
}

absl::StatusOr<MappedFile> MappedFile::open(const std::string& path, AddressSpace* space) {
  absl::StatusOr<OpenedFile> file = OpenedFile::open(path);
  if (!file.ok()) return file.status();
  return space ? file->map(*space, space->take(file->size())) : file->map();
}

void MappedFile::drop(Bytes range) {
  uintptr_t begin = (reinterpret_cast<uintptr_t>(range.data()) + kPage - 1) & ~(kPage - 1);
  uintptr_t end = reinterpret_cast<uintptr_t>(range.data() + range.size()) & ~(kPage - 1);
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

OpenedFile& OpenedFile::operator=(OpenedFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}

OpenedFile::~OpenedFile() {
  if (fd_ >= 0) ::close(fd_);
}

absl::StatusOr<OpenedFile> OpenedFile::open(const std::string& path) {
  OpenedFile file;
  file.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.fd_ < 0) return errno_status(errno);
  struct stat st;
  if (::fstat(file.fd_, &st) != 0) return errno_status(errno);
  if (S_ISDIR(st.st_mode)) return errno_status(EISDIR);
  file.size_ = static_cast<uint64_t>(std::max<off_t>(st.st_size, 0));
  return file;
}

Bytes OpenedFile::read_head(MutableBytes buffer) const {
  ssize_t n;
  do {
    n = ::pread(fd_, buffer.data(), buffer.size(), 0);
  } while (n < 0 && errno == EINTR);
  return buffer.first(static_cast<size_t>(std::max<ssize_t>(n, 0)));
}

absl::StatusOr<MappedFile> OpenedFile::map(const AddressSpace& space, void* place) const {
  auto* at = static_cast<uint8_t*>(place);
  if (at == nullptr || space.copies_ < 0 || at < space.copied_from_) return map_at(place, fd_, 0);
  auto offset = static_cast<uint64_t>(at - space.copied_from_);
  if (int error = copy_file(fd_, size_, space.copies_, offset); error != 0) return errno_status(error);
  return map_at(place, space.copies_, offset);
}

absl::StatusOr<MappedFile> OpenedFile::map_at(void* place, int fd, uint64_t offset) const {
  MappedFile file;
  if (size_ == 0) return file;
  void* p = ::mmap(place, size_, PROT_READ, MAP_PRIVATE | (place ? MAP_FIXED : 0), fd, static_cast<off_t>(offset));
  if (p == MAP_FAILED) return errno_status(errno);
  file.data_ = static_cast<const uint8_t*>(p);
  file.size_ = size_;
  return file;
}

OutputFile::~OutputFile() {
  free_replaced();
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

absl::Status OutputFile::open(const std::string& path) {
  path_ = path;
  struct stat st;
  if (::lstat(path.c_str(), &st) == 0) {
    if (S_ISREG(st.st_mode)) {
      replaced_ = ::open(path.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW);
      ::unlink(path.c_str());
    } else {
      through_ = true;
    }
  }
  if (through_) {
    // The target is opened now, so that a directory or a missing permission is
    // found before any work; what is written goes there in commit().
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    int target = ::open(path.c_str(), flags, kOutputMode);
    if (target < 0) return errno_status(errno);
    fd_ = target;
    return absl::OkStatus();
  }
  size_t slash = path.rfind('/');
  std::string dir = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  // A file without a name gets one from there; in a chroot without /proc it needs one from the beginning.
  bool nameable = ::access(kOpenFiles, X_OK) == 0;
  fd_ = nameable ? ::open(dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kOutputMode) : -1;
  if (fd_ >= 0) return absl::OkStatus();
  if (nameable && (errno == ENOENT || errno == EACCES || errno == ENOTDIR || errno == EROFS)) return errno_status(errno);
  std::string name = temporary_name(path);
  fd_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOutputMode);
  if (fd_ < 0) return errno_status(errno);
  temporary_ = std::move(name);
  return absl::OkStatus();
}

void OutputFile::free_replaced() {
  if (replaced_ >= 0) ::close(replaced_);
  replaced_ = -1;
}

absl::Status OutputFile::reserve(uint64_t size) {
  if (through_) {
    void* p = ::mmap(nullptr, std::max<uint64_t>(size, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return errno_status(errno);
    copy_ = MutableBytes(static_cast<uint8_t*>(p), size);
    return absl::OkStatus();
  }
  // A full disk is found here, before the work.
  int error = ::posix_fallocate(fd_, 0, static_cast<off_t>(std::max<uint64_t>(size, 1)));
  if (error == EOPNOTSUPP || error == EINVAL) {
    error = ::ftruncate(fd_, static_cast<off_t>(size)) == 0 ? 0 : errno;
  }
  return error == 0 ? absl::OkStatus() : errno_status(error);
}

namespace {
thread_local uint64_t written_here = 0;
}
uint64_t OutputFile::bytes_written_here() { return written_here; }

void OutputFile::write(uint64_t offset, Bytes bytes) {
  written_here += bytes.size();
  if (through_) {
    if (!bytes.empty()) std::copy(bytes.begin(), bytes.end(), copy_.begin() + static_cast<ptrdiff_t>(offset));
    return;
  }
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd_, bytes.data(), std::min<size_t>(bytes.size(), 1u << 30), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      int none = 0;
      error_.compare_exchange_strong(none, n < 0 ? errno : EIO);
      return;
    }
    bytes = bytes.subspan(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
}

bool OutputFile::read(uint64_t offset, MutableBytes bytes) {
  if (through_) {
    std::copy_n(copy_.begin() + static_cast<ptrdiff_t>(offset), bytes.size(), bytes.begin());
    return true;
  }
  while (!bytes.empty()) {
    ssize_t n = ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return true;
}

absl::Status OutputFile::commit(uint64_t size) {
  if (error_ != 0) return errno_status(error_);
  if (through_) {
    if (!write_all(fd_, copy_.data(), size)) return errno_status(errno);
    return absl::OkStatus();
  }
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return errno_status(errno);
  if (!temporary_.empty()) {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return errno_status(errno);
    temporary_.clear();
    return absl::OkStatus();
  }
  ::fchmod(fd_, kOutputMode & ~current_umask());
  std::string self = absl::StrCat(kOpenFiles, "/", fd_);
  for (int attempt = 0; attempt < 2; attempt++) {
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) == 0) return absl::OkStatus();
    if (errno != EEXIST) break;
    ::unlink(path_.c_str());  // somebody made it while we were linking
  }
  return errno_status(errno);
}

void reserve_open_files() {
  int any = ::open("/", O_PATH | O_CLOEXEC);
  if (any < 0) return;
  for (int number : {1000, 500, 250}) {  // as many as the limit allows
    int high = ::fcntl(any, F_DUPFD_CLOEXEC, number);
    if (high < 0) continue;
    ::close(high);
    break;
  }
  ::close(any);
}

absl::StatusOr<std::string> read_file(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_status(errno);
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    int error = errno;
    if (n <= 0) ::close(fd);
    if (n < 0) return errno_status(error);
    if (n == 0) return text;
    text.append(buffer, static_cast<size_t>(n));
  }
}

bool file_exists(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0;
}

bool is_directory(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

bool is_regular_file(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode);
}

absl::Status write_file(const std::string& path, std::span<const Bytes> parts) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return errno_status(errno);
  int error = 0;
  for (Bytes part : parts) {
    if (error == 0 && !write_all(fd, part.data(), part.size())) error = errno;
  }
  if (::close(fd) != 0 && error == 0) error = errno;
  return error == 0 ? absl::OkStatus() : errno_status(error);
}

absl::Status replace_file(const std::string& path, std::span<const Bytes> parts) {
  struct stat st;
  bool exists = ::lstat(path.c_str(), &st) == 0;
  if (exists && !S_ISREG(st.st_mode)) return write_file(path, parts);
  std::string temporary = temporary_name(path);
  absl::Status s = write_file(temporary, parts);
  if (s.ok() && ((exists && ::chmod(temporary.c_str(), st.st_mode & 07777) != 0) ||
                 ::rename(temporary.c_str(), path.c_str()) != 0)) {
    s = errno_status(errno);
  }
  if (!s.ok()) ::unlink(temporary.c_str());
  return s;
}

}  // namespace dovetail::base
