// What the runner prints: a line for each scenario, and a summary.

export class Report {
  #passed = 0;
  #failed = [];
  #title;

  constructor(title) {
    this.#title = title;
  }

  outcome({ name, ms, fault }) {
    if (fault === undefined) {
      this.#passed++;
      console.log(`ok      ${name} (${ms} ms)`);
    } else {
      this.fault(name, fault);
    }
  }

  fault(name, fault) {
    this.#failed.push(name);
    console.log(`FAILED  ${name}\n        ${fault.replaceAll('\n', '\n        ')}`);
  }

  notHere(name, reason) {
    console.log(`not on  ${name}: ${this.#title} ${reason}`);
  }

  /** Prints the summary; true when all is well. */
  end() {
    const failed = this.#failed.length > 0 ? `, ${this.#failed.length} failed: ${this.#failed.join(', ')}` : '';
    console.log(`${this.#title}: ${this.#passed} scenarios passed${failed}`);
    return this.#failed.length === 0;
  }
}
