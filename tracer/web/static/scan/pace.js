/** Whose hands: what the gaps between keys tell of who presses them. All times in milliseconds. */

// Nobody keeps 40 ms from key to key over a whole code: it would be 300 words a minute.
const FEW_FINGERS = 4 / 3;

/** The gaps between strokes: from the end of one to the beginning of the next. */
export function gapsOf(strokes) {
  return strokes.slice(1).map((one, index) => one.since - strokes[index].at);
}

export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Outside fields nobody types a text: the middle gap decides, so that no hiccup does. */
export function isMachine(strokes, { pace }) {
  return quantile(gapsOf(strokes), 0.5) <= pace;
}

/**
 * Inside a field people type, and may do so fast. A scanner's are those strokes that are all faster than
 * fingers; or, over a longer stretch, so fast in the middle, so even or so crowded as no fingers are.
 */
export function isMachineInField(strokes, { fieldPace, fieldLength, fieldPause, pace, even }) {
  if (strokes.length < fieldLength) return false;
  const gaps = gapsOf(strokes);
  const slowest = Math.max(...gaps);
  if (slowest <= fieldPace) return true;
  if (strokes.length < 2 * fieldLength || slowest > fieldPause) return false;
  const middle = quantile(gaps, 0.5);
  if (middle > pace) return false;
  const isEven = quantile(gaps, 0.9) - quantile(gaps, 0.1) <= even;
  const inPairs = gaps.filter((gap) => gap < 4).length >= gaps.length / 3; // as radio delivers them
  return middle <= fieldPace * FEW_FINGERS || isEven || inPairs;
}

/** Whether a line end right behind a few strokes in a field is a scanner's: all of it faster than fingers. */
export function isMachineEnd(strokes, now, { fieldPace, shortest }) {
  if (strokes.length < shortest) return false;
  return Math.max(now - strokes[strokes.length - 1].at, ...gapsOf(strokes)) <= fieldPace;
}
