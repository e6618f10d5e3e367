// The result: a line for each figure, on the terminal and on the page.

import { text } from './figures.mjs';

const WIDTHS = { what: 58, figure: 16, goal: 7, verdict: 8 };

export class Table {
  #page;
  #json;

  /** With `json`, each line is an object of JSON with the figure as a number. */
  constructor(page, json) {
    this.#page = page;
    this.#json = json;
  }

  title(title) {
    if (this.#json) return;
    console.log(title);
    this.#print({ what: 'what', figure: 'figure', goal: 'goal', verdict: 'verdict', beside: 'beside it' });
  }

  async add(rows) {
    for (const row of rows) {
      const { what, goal = '', verdict = '', beside } = row;
      const shown = { what, figure: text(row), goal: typeof goal === 'number' ? `<= ${goal}` : goal, verdict, beside };
      if (this.#json) console.log(JSON.stringify(row));
      else this.#print(shown);
      await this.#page.evaluate((shown) => bench.show(shown), shown);
    }
  }

  #print(shown) {
    console.log(Object.entries(WIDTHS).map(([name, width]) => shown[name].padEnd(width)).join(' ') + ' ' + shown.beside);
  }
}
