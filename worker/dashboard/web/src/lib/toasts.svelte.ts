// Short messages that outlive the page which caused them.

export interface Toast {
  id: number;
  kind: 'success' | 'error';
  text: string;
}

const showFor = { success: 3000, error: 3500 };

class Toasts {
  list: Toast[] = $state([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(kind: Toast['kind'], text: string): void {
    for (const same of this.list.filter((toast) => toast.text === text)) this.dismiss(same.id);
    const toast = { id: this.#next++, kind, text };
    this.list.unshift(toast);
    this.resume(toast);
  }

  dismiss(id: number): void {
    this.pause(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  // Whoever is reading it needs more time.
  pause(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(toast: Toast): void {
    this.pause(toast.id);
    this.#timers.set(toast.id, setTimeout(() => this.dismiss(toast.id), showFor[toast.kind]));
  }
}

export const toasts = new Toasts();
