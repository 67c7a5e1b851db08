import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { startWords } from "./words/index.ts";
import "./style.css";
import "./style/footage.css";
import "./style/rounds.css";
import "./style/forms.css";
import "./style/papers.css";

startWords();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
