// Large multipart bodies: read in blocks; while a block's files are written to the disk, nothing is read from the
// client.
#include "worker/http/connection.h"
#include "worker/http/off_loop.h"

namespace wombat {

// Moves what arrived behind the head. False: no memory, and the connection is closed.
bool HttpConnection::AppendToForm(std::size_t offset, std::size_t size) {
  auto& exchange = *exchange_;
  if (!exchange.form->Append(exchange.buffer.begin() + offset, size)) return Close(), false;
  exchange.buffer.Erase(offset, size);
  return true;
}

// True when the handler was started.
bool HttpConnection::AdvanceForm(bool complete) {
  auto& form = *exchange_->form;
  if (!complete && !form.HasToRead()) return false;
  form.Read(complete);
  if (form.HasToWrite()) {
    state_ = State::kSpooling;
    ++holds_;
    Spool(this, complete);
    return false;
  }
  if (complete) OnBodyComplete({});
  return complete;
}

Detached HttpConnection::Spool(HttpConnection* self, bool complete) {
  FormReader* form = self->exchange_->form.get();
  std::function<void()> write = [form] { form->Write(); };
  if (self->core_.options.run_blocking) {
    Task<void> written = self->core_.options.run_blocking(write);
    co_await std::move(written);
  } else {
    auto written = OffLoop(self->core_.loop, [&write] { return write(), true; });
    co_await written;
  }
  self->OnSpooled(complete);
}

void HttpConnection::OnSpooled(bool complete) {
  if (closing_) {
    --core_.in_flight;
  } else {
    state_ = State::kBody;
    if (complete) OnBodyComplete({});
    Advance();
  }
  Release();
}

}  // namespace wombat
