// Everything around the pages: theme and language of the parts, the reader of the service, who is signed in, and
// which page stands at which address. Pages are loaded when they are opened.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { lazy } from "react";
import { RouterProvider, createBrowserRouter } from "react-router";
import { Failure } from "../api/client.ts";
import { useWords } from "../words/index.ts";
import { NotFound, PageFailed } from "../pages/NotFound.tsx";
import { Overview } from "../pages/Overview.tsx";
import { SessionGate } from "./session.tsx";
import { Setup } from "./Setup.tsx";
import { Shell } from "./Shell.tsx";

const Cases = lazy(() => import("../pages/Cases.tsx"));
const Case = lazy(() => import("../pages/Case.tsx"));
const Recordings = lazy(() => import("../pages/Recordings.tsx"));
const Recording = lazy(() => import("../pages/Recording.tsx"));
const Rounds = lazy(() => import("../pages/Rounds.tsx"));
const Round = lazy(() => import("../pages/Round.tsx"));
const Drones = lazy(() => import("../pages/Drones.tsx"));
const Notices = lazy(() => import("../pages/Notices.tsx"));
const Intake = lazy(() => import("../pages/Intake.tsx"));
const Notice = lazy(() => import("../pages/Notice.tsx"));
const Proof = lazy(() => import("../pages/proof/Proof.tsx"));
const System = lazy(() => import("../pages/system/System.tsx"));
const Policies = lazy(() => import("../pages/system/Policies.tsx"));
const Units = lazy(() => import("../pages/system/Units.tsx"));
const Imports = lazy(() => import("../pages/system/Imports.tsx"));
const Users = lazy(() => import("../pages/system/Users.tsx"));
const Trail = lazy(() => import("../pages/system/Trail.tsx"));

const reader = new QueryClient({
  defaultOptions: {
    // The service may be on this machine or in a network that leads nowhere else: whether the browser believes to be
    // online says nothing about it, and what waits for that would wait for ever.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      // What the service refuses it refuses again; only a connection that failed is worth a second try.
      retry: (count, error) => count < 2 && error instanceof Failure && error.problem === null,
      refetchOnWindowFocus: false,
    },
  },
});

const router = createBrowserRouter([
  { path: "/setup", element: <Setup />, errorElement: <PageFailed /> },
  {
    path: "/",
    element: (
      <SessionGate>
        <Shell />
      </SessionGate>
    ),
    errorElement: <PageFailed />,
    children: [
      {
        errorElement: <PageFailed />,
        children: [
          { index: true, element: <Overview /> },
          { path: "cases", element: <Cases /> },
          { path: "cases/*", element: <Case /> },
          { path: "recordings", element: <Recordings /> },
          { path: "recordings/*", element: <Recording /> },
          { path: "rounds", element: <Rounds /> },
          { path: "rounds/:month/:policy", element: <Round /> },
          { path: "drones", element: <Drones /> },
          { path: "notices", element: <Notices /> },
          { path: "notices/:id", element: <Notice /> },
          { path: "intake", element: <Intake /> },
          { path: "proof", element: <Proof /> },
          {
            path: "system",
            element: <System />,
            children: [
              { index: true, element: <Policies /> },
              { path: "units", element: <Units /> },
              { path: "imports", element: <Imports /> },
              { path: "users", element: <Users /> },
              { path: "trail", element: <Trail /> },
            ],
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);

const theme = {
  token: {
    colorPrimary: "#1a56a8",
    colorLink: "#1a56a8",
    colorTextSecondary: "#4a5563",
    colorTextTertiary: "#5a6572",
    colorTextDescription: "#4a5563",
    colorTextPlaceholder: "#626d7a",
    borderRadius: 4,
    fontSize: 14,
    fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif',
    motionDurationMid: "0.12s",
    motionDurationSlow: "0.16s",
  },
};

export function App() {
  const { language } = useWords();
  return (
    <ConfigProvider locale={language === "en" ? enUS : zhCN} theme={theme} button={{ autoInsertSpace: false }}>
      <QueryClientProvider client={reader}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ConfigProvider>
  );
}
