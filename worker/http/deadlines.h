// Lists without allocation, and time limits without one timer a connection.                Behaviour: spec 01 §1.2.
//
// Every limit of one kind has the same length, so appending keeps a DeadlineQueue sorted and only its front can be due.
#pragma once

#include <cstdint>

namespace wombat {

// A member of at most one list. Leaves it when destroyed.
template <class Owner>
struct ListLink {
  explicit ListLink(Owner* owner = nullptr) : owner(owner) {}
  ListLink(const ListLink&) = delete;
  ListLink& operator=(const ListLink&) = delete;
  ~ListLink() { Unlink(); }

  bool linked() const { return next != nullptr; }
  void Unlink() {
    if (!next) return;
    prev->next = next;
    next->prev = prev;
    prev = next = nullptr;
  }

  Owner* owner;
  ListLink* prev = nullptr;
  ListLink* next = nullptr;
  std::uint64_t due_ms = 0;
};

template <class Owner>
class LinkedList {
 public:
  LinkedList() { head_.prev = head_.next = &head_; }
  ~LinkedList() {
    while (!empty()) head_.next->Unlink();
    head_.prev = head_.next = nullptr;
  }
  LinkedList(const LinkedList&) = delete;
  LinkedList& operator=(const LinkedList&) = delete;

  bool empty() const { return head_.next == &head_; }
  ListLink<Owner>* front() { return empty() ? nullptr : head_.next; }
  // The link behind `link`; null at the end.
  ListLink<Owner>* After(ListLink<Owner>* link) { return link->next == &head_ ? nullptr : link->next; }
  void Append(ListLink<Owner>& link) {
    link.Unlink();
    link.prev = head_.prev;
    link.next = &head_;
    head_.prev->next = &link;
    head_.prev = &link;
  }

 private:
  ListLink<Owner> head_;
};

template <class Owner>
class DeadlineQueue {
 public:
  void Start(ListLink<Owner>& link, std::uint64_t now_ms, std::uint64_t limit_ms) {
    link.due_ms = now_ms + limit_ms;
    list_.Append(link);
  }
  // The owner whose time is up longest; null when nobody's is.
  Owner* FrontDue(std::uint64_t now_ms) {
    auto* first = list_.front();
    return first && first->due_ms <= now_ms ? first->owner : nullptr;
  }
  LinkedList<Owner>& list() { return list_; }

 private:
  LinkedList<Owner> list_;
};

}  // namespace wombat
