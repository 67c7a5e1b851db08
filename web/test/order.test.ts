import { describe, expect, it } from "vitest";
import { inOrder, type Column } from "../src/components/DataTable.tsx";

interface Row {
  name: string;
  share: number | null;
}
const columns: Column<Row>[] = [
  { name: "name", label: "", cell: (row) => row.name, orders: (row) => row.name },
  { name: "share", label: "", cell: (row) => row.share, orders: (row) => row.share },
  { name: "plain", label: "", cell: (row) => row.name },
];
const rows: Row[] = [
  { name: "AQ-10", share: 0.5 },
  { name: "AQ-2", share: null },
  { name: "AQ-1", share: 0.9 },
];
const names = (order: string) => inOrder(rows, columns, order).map((row) => row.name);

describe("a table in order", () => {
  it("counts numbers within names as numbers", () => {
    expect(names("name")).toEqual(["AQ-1", "AQ-2", "AQ-10"]);
    expect(names("-name")).toEqual(["AQ-10", "AQ-2", "AQ-1"]);
  });
  it("puts what has no value last, whichever way", () => {
    expect(names("share")).toEqual(["AQ-10", "AQ-1", "AQ-2"]);
    expect(names("-share")).toEqual(["AQ-1", "AQ-10", "AQ-2"]);
  });
  it("leaves rows as they come where nothing is asked, or nothing known", () => {
    for (const order of ["", "plain", "unknown"]) expect(names(order)).toEqual(["AQ-10", "AQ-2", "AQ-1"]);
  });
});
