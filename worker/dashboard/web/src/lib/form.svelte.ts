// One form on its way: busy while its call runs, and what the last call was refused for.
import { failureOf } from './failure';

export class Form {
  busy = $state(false);
  message = $state('');
  errors: Record<string, string> = $state({});

  constructor(private readonly controls: string[]) {}

  // True when `call` went through. A second call beside a running one is not made.
  async submit(call: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.message = '';
    this.errors = {};
    try {
      await call();
      return true;
    } catch (error) {
      const failure = failureOf(error, this.controls);
      this.message = failure.message;
      this.errors = failure.fields;
      return false;
    } finally {
      this.busy = false;
    }
  }

  // The control has changed: what was wrong with it is history.
  touched(name: string): void {
    delete this.errors[name];
  }
}
