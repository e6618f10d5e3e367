import { report } from './errors.js';

/** What is to be told, one after the other: a task that takes its time holds back those behind it. */
export class Tasks {
  private list_: (() => void | Promise<void>)[] = [];
  private running_ = false;

  add_(task: () => void | Promise<void>): void {
    this.list_.push(task);
  }

  /** Forgets all. */
  clear_(): void {
    this.list_ = [];
  }

  /** Runs them, at once as long as none takes its time. */
  async run_(): Promise<void> {
    if (this.running_) return;
    this.running_ = true;
    for (let task; (task = this.list_.shift()); ) {
      try {
        const pending = task();
        if (pending) await pending;
      } catch (error) {
        report(error);
      }
    }
    this.running_ = false;
  }
}
