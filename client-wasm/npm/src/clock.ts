/** The longest delay that timers take, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** One timer. */
export interface Clock {
  /** When it is to go off, in milliseconds of `performance.now()`. It is only moved to an earlier time: a later one is found when it goes off. */
  set_(time: number): void;
  stop_(): void;
}

/** Makes a timer. */
export function clock(ring: () => void): Clock {
  let due: number;
  let armed = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const set = (time: number): void => {
    due = time;
    if (due >= armed) return;
    clearTimeout(timer);
    armed = due;
    timer = setTimeout(
      () => {
        armed = Infinity;
        if (performance.now() < due) set(due);
        else ring();
      },
      Math.min(Math.ceil(due - performance.now()), LONGEST),
    );
  };
  return { set_: set, stop_: () => clearTimeout(timer) };
}
