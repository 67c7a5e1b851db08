/** The entries of a list by what they have in common, in the order in which each first occurs. */
export function groupBy<T>(entries: readonly T[], of: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(of(entry));
    if (group) group.push(entry);
    else groups.set(of(entry), [entry]);
  }
  return groups;
}
