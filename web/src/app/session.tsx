// Who is signed in. Without an answer from the service nobody sees anything; a service that has no sign-in at all
// says 404 here, and then there is nobody to ask for.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, type ReactNode } from "react";
import { Failure, address, ask, get } from "../api/client.ts";
import type { User } from "../api/types.ts";
import { Failed, Loading } from "../components/State.tsx";
import { SetupNeeded } from "./Setup.tsx";
import { SignIn } from "./SignIn.tsx";

export type Session = { kind: "user"; user: User } | { kind: "no_accounts" } | { kind: "nobody" } | { kind: "setup" };

const SESSION = ["session"];
const SessionContext = createContext<Session>({ kind: "nobody" });

export const useSession = (): Session => useContext(SessionContext);

async function readSession(signal: AbortSignal): Promise<Session> {
  try {
    const { user } = await get<{ user: User }>(address("session"), signal);
    return { kind: "user", user };
  } catch (error) {
    if (error instanceof Failure) {
      if (error.code === "setup_required") return { kind: "setup" };
      if (error.status === 401) return { kind: "nobody" };
      if (error.status === 404) return { kind: "no_accounts" };
    }
    throw error;
  }
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (who: { login: string; password: string }) => ask<unknown>("POST", address("session"), who),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSION }),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask<{ go_to: string } | undefined>("DELETE", address("session")),
    onSuccess: (answer) => {
      // What one person read is not for the next.
      client.clear();
      // Whoever came by way of an identity provider signs out there, too.
      location.assign(answer?.go_to ?? "/");
    },
  });
}

/** The way to an identity provider, where the service has one. */
export interface Offer {
  begin: string | null;
  label: string | null;
}

export const useOffer = () =>
  useQuery({ queryKey: ["oidc"], queryFn: ({ signal }) => get<Offer>(address("oidc"), signal), staleTime: Infinity });

export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const session = useQuery({ queryKey: SESSION, queryFn: ({ signal }) => readSession(signal), staleTime: Infinity });
  // A session that ended is noticed by whichever request meets it first.
  useEffect(
    () =>
      client.getQueryCache().subscribe((event) => {
        const error = event.query.state.error;
        if (event.type !== "updated" || event.query.queryKey[0] === "session") return;
        if (error instanceof Failure && error.status === 401)
          client.setQueryData(SESSION, { kind: "nobody" } satisfies Session);
      }),
    [client],
  );
  if (session.isPending) return <Loading whole />;
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} whole />;
  if (session.data.kind === "setup") return <SetupNeeded />;
  if (session.data.kind === "nobody") return <SignIn />;
  return <SessionContext.Provider value={session.data}>{children}</SessionContext.Provider>;
}
