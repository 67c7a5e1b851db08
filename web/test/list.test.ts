import { describe, expect, it } from "vitest";
import { fileName } from "../src/api/client.ts";
import { nextOrder } from "../src/components/DataTable.tsx";

describe("a heading that sorts", () => {
  it("asks for its column, then the other way round, then for the list's own order", () => {
    expect(nextOrder("", "unit")).toBe("unit");
    expect(nextOrder("unit", "unit")).toBe("-unit");
    expect(nextOrder("-unit", "unit")).toBe("");
    expect(nextOrder("-unit", "status")).toBe("status");
  });
});

describe("the name of a file", () => {
  it("is read as the header has it, Chinese and all", () => {
    expect(fileName("attachment; filename*=UTF-8''%E6%A1%88%E4%BB%B6-2024-05.xlsx")).toBe("案件-2024-05.xlsx");
    expect(fileName('attachment; filename="return.docx"')).toBe("return.docx");
    expect(fileName("attachment")).toBeNull();
    expect(fileName(null)).toBeNull();
  });
});
