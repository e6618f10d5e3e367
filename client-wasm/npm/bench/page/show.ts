/** A line of the table, as the runner prints it. */
export interface Shown {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly verdict: string;
  readonly beside: string;
}

/** Adds a line to the page's table. */
export function show({ what, figure, goal, verdict, beside }: Shown): void {
  const row = document.createElement('tr');
  for (const text of [what, figure, goal, verdict, beside]) row.insertCell().textContent = text;
  document.querySelector('#rows')!.append(row);
}
