// The language: asked for in the address, remembered, or Chinese.

import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type { Language } from "../format.ts";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

const known = (name: string | null): name is Language => name === "zh" || name === "en";

function remembered(): string | null {
  try {
    return localStorage.getItem("lang");
  } catch {
    return null;
  }
}

function remember(language: Language): void {
  try {
    localStorage.setItem("lang", language);
  } catch {
    // A browser that keeps nothing: the address still says which.
  }
}

function initial(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (known(asked)) {
    remember(asked);
    return asked;
  }
  const kept = remembered();
  return known(kept) ? kept : "zh";
}

function announce(language: Language): void {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = (language === "zh" ? zh : en).app.name;
}

export function startWords(): void {
  const language = initial();
  announce(language);
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "zh",
    resources: { zh: { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false },
    returnEmptyString: true,
  });
}

export function useWords() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === "en" ? "en" : "zh";
  return {
    t,
    language,
    /** The word for a code; a code of a newer service is shown as it is. */
    word: (group: string, code: string | null | undefined): string =>
      code === null || code === undefined ? "–" : t(`${group}.${code}`, { defaultValue: code }),
    /** What stands between the things of a list, between statements, and before what explains. */
    and: language === "en" ? ", " : "、",
    also: language === "en" ? "; " : "；",
    colon: language === "en" ? ": " : "：",
    /** Of a text in both languages, the one. */
    either: (zhText: string, enText: string): string => (language === "en" ? enText : zhText),
    switchLanguage: () => {
      const next: Language = language === "zh" ? "en" : "zh";
      remember(next);
      announce(next);
      void i18n.changeLanguage(next);
    },
  };
}
