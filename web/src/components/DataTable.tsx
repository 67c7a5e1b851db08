// A table that stays a table: rows outside the view are left out once there are many, and those who hear the page
// are told how many there are. Up, Down, Home and End move between rows, Enter opens one.

import { useWindowVirtualizer, type Range } from "@tanstack/react-virtual";
import {
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from "react";
import { useOnPaper } from "./onPaper.ts";

export interface Column<T> {
  name: string;
  label: ReactNode;
  cell: (row: T) => ReactNode;
  numeric?: boolean;
  className?: string;
  /** The cell that names the row. */
  heads?: boolean;
  /** What the service calls this column when it sorts by it; without it, it does not. */
  sort?: string;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  /** Opens a row: a click anywhere in it, or Enter. */
  open?: (row: T) => void;
  rowClass?: (row: T) => string;
  rowHeight?: number;
  /** Whether every row is one line of `rowHeight`, cut where it is longer: then none has to be measured. */
  oneLine?: boolean;
  total?: number;
  /** Whether other rows are on their way, and these are still those that were asked for before. */
  busy?: boolean;
  /** The column that the service sorted by, with a `-` before it where the greatest comes first. */
  order?: string;
  /** Asks for another order; an empty one is the list's own. */
  onOrder?: (order: string) => void;
}

/** From how many rows on only those in view are made. */
const MANY = 120;

export function DataTable<T>(props: Props<T>) {
  const onPaper = useOnPaper();
  return props.rows.length > MANY && !onPaper ? <Virtual {...props} /> : <Plain {...props} />;
}

/** What a click on a heading asks for: the column, then the other way round, then the list's own order again. */
export const nextOrder = (order: string, sort: string): string =>
  order === sort ? `-${sort}` : order === `-${sort}` ? "" : sort;

function Plain<T>(props: Props<T>) {
  return (
    <Frame {...props}>
      {props.rows.map((row, index) => (
        <Row
          key={props.rowKey(row)}
          columns={props.columns as Column<unknown>[]}
          open={props.open as Open}
          rowClass={props.rowClass?.(row) ?? ""}
          row={row}
          index={index}
          last={props.rows.length - 1}
        />
      ))}
    </Frame>
  );
}

/** Rows are made in blocks of so many. */
const BLOCK = 8;

/** Whole blocks around what is in view: most frames of scrolling then change nothing of the table. */
function inBlocks({ startIndex, endIndex, count }: Range): number[] {
  const from = Math.max(0, (Math.floor(startIndex / BLOCK) - 1) * BLOCK);
  const to = Math.min(count, (Math.floor(endIndex / BLOCK) + 2) * BLOCK);
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function Virtual<T>(props: Props<T>) {
  const { rows, columns, rowHeight = 41, oneLine = false } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [above, setAbove] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setAbove(body.current.getBoundingClientRect().top + scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    rangeExtractor: inBlocks,
    scrollMargin: above,
  });
  const shown = virtual.getVirtualItems();
  const widths = useSettledWidths(body, shown.length > 0);
  const scroller = useRef(virtual);
  scroller.current = virtual;
  const go = useCallback((to: number) => scroller.current.scrollToIndex(to), []);
  const measure = useCallback((element: HTMLTableRowElement | null) => scroller.current.measureElement(element), []);
  const before = (shown[0]?.start ?? above) - above;
  const after = virtual.getTotalSize() - ((shown.at(-1)?.end ?? above) - above);
  const spacer = (height: number) =>
    height > 0 ? (
      <tr aria-hidden="true" className="spacer">
        <td colSpan={columns.length} style={{ height }} />
      </tr>
    ) : null;
  return (
    <Frame {...props} body={body} widths={widths}>
      {spacer(before)}
      {shown.map((item) => {
        const row = rows[item.index] as T;
        return (
          <Row
            key={props.rowKey(row)}
            columns={columns as Column<unknown>[]}
            open={props.open as Open}
            rowClass={props.rowClass?.(row) ?? ""}
            row={row}
            index={item.index}
            last={rows.length - 1}
            measure={oneLine ? undefined : measure}
            go={go}
          />
        );
      })}
      {spacer(after)}
    </Frame>
  );
}

/**
 * The widths that the columns take by themselves at first, from then on given: else the browser works them out again from
 * every row that comes into view, and they jump. `null` while they are to be found, and after the window's width changed.
 */
function useSettledWidths(body: React.RefObject<HTMLTableSectionElement | null>, filled: boolean): number[] | null {
  const [widths, setWidths] = useState<number[] | null>(null);
  useEffect(() => {
    const loosen = () => setWidths(null);
    addEventListener("resize", loosen);
    return () => removeEventListener("resize", loosen);
  }, []);
  useLayoutEffect(() => {
    const cells = body.current?.parentElement?.querySelectorAll("thead th");
    // Headings alone say nothing of how wide what stands below them is.
    if (widths === null && filled && cells?.length)
      setWidths(Array.from(cells, (cell) => cell.getBoundingClientRect().width));
  }, [widths, body, filled]);
  return widths;
}

function Frame<T>({
  label,
  columns,
  rows,
  total,
  busy = false,
  oneLine = false,
  order = "",
  onOrder,
  children,
  body,
  widths = null,
}: Props<T> & {
  widths?: number[] | null;
  children: ReactNode;
  body?: React.RefObject<HTMLTableSectionElement | null>;
}) {
  return (
    <div className="table-scroll" role="region" aria-label={label} aria-busy={busy} tabIndex={0}>
      <table
        className={`table${widths ? " settled" : ""}${oneLine ? " one-line" : ""}`}
        aria-rowcount={(total ?? rows.length) + 1}
        aria-label={label}
      >
        {widths ? (
          <colgroup>
            {widths.map((width, index) => (
              <col key={columns[index]?.name ?? index} style={{ width }} />
            ))}
          </colgroup>
        ) : null}
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={
                  [column.numeric ? "num" : "", /\bno-print\b/.exec(column.className ?? "")?.[0] ?? ""]
                    .join(" ")
                    .trim() || undefined
                }
                aria-sort={sortOf(column, order)}
              >
                {column.sort && onOrder ? (
                  <button type="button" className="order" onClick={() => onOrder(nextOrder(order, column.sort ?? ""))}>
                    {column.label}
                    <span aria-hidden="true">
                      {{ ascending: " ▲", descending: " ▼", none: " ↕" }[sortOf(column, order) ?? "none"]}
                    </span>
                  </button>
                ) : (
                  column.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>{children}</tbody>
      </table>
    </div>
  );
}

const sortOf = <T,>({ sort }: Column<T>, order: string): "ascending" | "descending" | undefined =>
  !sort ? undefined : order === sort ? "ascending" : order === `-${sort}` ? "descending" : undefined;

type Open = ((row: unknown) => void) | undefined;

interface RowProps {
  columns: Column<unknown>[];
  open: Open;
  rowClass: string;
  row: unknown;
  index: number;
  /** Index of the last row. */
  last: number;
  measure?: (element: HTMLTableRowElement | null) => void;
  go?: (index: number) => void;
}

/** One row. While one scrolls, only rows that come into view are made. */
const Row = memo(function Row({ columns, row, index, open, rowClass, last, measure, go }: RowProps) {
  const move = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget) return;
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, j: index + 1, k: index - 1, Home: 0, End: last }[event.key];
    if (event.key === "Enter") open?.(row);
    else if (to !== undefined && to >= 0 && to <= last) focusRow(event.currentTarget, to, go);
    else return;
    event.preventDefault();
  };
  const click = (event: React.MouseEvent) => {
    // Links and buttons in the row do their own; so does whoever marks text.
    if ((event.target as Element).closest("a,button,input,label") || getSelection()?.toString()) return;
    open?.(row);
  };
  return (
    <tr
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      tabIndex={open ? (index === 0 ? 0 : -1) : undefined}
      className={`${open ? "opens " : ""}${rowClass}`}
      onKeyDown={open ? move : undefined}
      onClick={open ? click : undefined}
    >
      {columns.map((column) => {
        const className = `${column.numeric ? "num " : ""}${column.className ?? ""}`;
        return column.heads ? (
          <th key={column.name} scope="row" className={className}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.name} className={className}>
            {column.cell(row)}
          </td>
        );
      })}
    </tr>
  );
});

function focusRow(from: HTMLTableRowElement, index: number, go?: (index: number) => void) {
  const body = from.parentElement;
  const find = () => body?.querySelector<HTMLTableRowElement>(`tr[data-index="${index}"]`);
  const there = find();
  if (there) {
    there.focus();
    return;
  }
  go?.(index);
  requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus()));
}
