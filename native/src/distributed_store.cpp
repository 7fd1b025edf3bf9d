// c10d's TCP store: how the ranks find each other.
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <thread>

#include "compat.h"
#include "distributed.h"

namespace panamind {

std::string current_cause() {
  std::string text;
  try {
    throw;
  } catch (const c10::Error& e) {
    text = e.what_without_backtrace();
  } catch (const std::exception& e) {
    text = e.what();
  } catch (...) {
    text = "a C++ object that is no exception was thrown";
  }
  return text.substr(0, text.find('\n'));
}

std::string seconds(int64_t milliseconds) {
  auto tenths = (milliseconds + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

namespace {

pm_store_s& need_store(pm_store store) {
  if (store == nullptr) throw ArgumentError("store is NULL");
  return *store;
}

std::string about(const char* operation, const char* key) {
  return std::string("store: ") + operation + " of key '" + key + "' failed";
}

// Asks again and again: c10d's own wait holds the connection's lock, and before 2.3 it leaves the connection unusable
// when it times out.
void wait_for(c10d::Store& store, const std::string& key, int64_t timeout_ms) {
  auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  auto pause = std::chrono::milliseconds(1);
  while (!store.check({key})) {
    if (Clock::now() >= deadline) {
      throw DistributedError("store: key '" + key + "' did not appear within " + seconds(timeout_ms) +
                             "; the rank that sets it has not come so far, or has died");
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(20));
  }
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_store_open(const char* host, int32_t port, int32_t is_server, int64_t timeout_ms, pm_store* out,
                      int32_t* bound_port) {
  return guard([&] {
    if (port < 0 || port > 65535) throw ArgumentError("port " + std::to_string(port) + " is not in 0..65535");
    auto store = distributed(
        [&] {
          c10d::TCPStoreOptions options;
          options.port = static_cast<uint16_t>(port);
          options.isServer = is_server != 0;
          options.waitWorkers = false;
          options.timeout = std::chrono::milliseconds(timeout_ms);
          compat::choose_plain_sockets(options, 0);
          return c10::make_intrusive<c10d::TCPStore>(std::string(host), options);
        },
        [&] {
          return std::string("store: ") + (is_server ? "cannot serve at " : "cannot connect to ") + host + ":" +
                 std::to_string(port) + ", time-out " + seconds(timeout_ms);
        });
    *bound_port = store->getPort();
    *out = new pm_store_s{store};
  });
}

int32_t pm_store_prefix(pm_store store, const char* prefix, pm_store* out) {
  return guard([&] {
    *out = new pm_store_s{c10::make_intrusive<c10d::PrefixStore>(prefix, need_store(store).store)};
  });
}

int32_t pm_store_set(pm_store store, const char* key, const void* data, int64_t bytes) {
  return guard([&] {
    auto* first = static_cast<const uint8_t*>(data);
    distributed([&] { need_store(store).store->set(key, std::vector<uint8_t>(first, first + bytes)); },
                [&] { return about("setting", key); });
  });
}

int32_t pm_store_wait(pm_store store, const char* key, int64_t timeout_ms) {
  return guard([&] {
    distributed([&] { wait_for(*need_store(store).store, key, timeout_ms); }, [&] { return about("waiting", key); });
  });
}

int32_t pm_store_get(pm_store store, const char* key, int64_t timeout_ms, void* data, int64_t capacity,
                     int64_t* needed) {
  return guard([&] {
    auto value = distributed(
        [&] {
          wait_for(*need_store(store).store, key, timeout_ms);
          return store->store->get(key);
        },
        [&] { return about("reading", key); });
    *needed = static_cast<int64_t>(value.size());
    std::copy_n(value.begin(), std::min(*needed, capacity), static_cast<uint8_t*>(data));
  });
}

int32_t pm_store_add(pm_store store, const char* key, int64_t amount, int64_t* out) {
  return guard([&] {
    *out = distributed([&] { return need_store(store).store->add(key, amount); },
                       [&] { return about("adding", key); });
  });
}

int32_t pm_store_contains(pm_store store, const char* key, int32_t* out) {
  return guard([&] {
    *out = distributed([&] { return need_store(store).store->check({key}); }, [&] { return about("asking", key); });
  });
}

int32_t pm_store_free(pm_store store) {
  return guard([&] { delete store; });
}
