/** What is usual is kept in both languages, `中文 (English)`: of these the one. What somebody wrote stays as it is. */
export function inLanguage(text: string, language: "zh" | "en"): string {
  const [, chinese, english] = /^([^ -~]+) \(([ -~]+)\)$/.exec(text) ?? [];
  return (language === "en" ? english : chinese) ?? text;
}
