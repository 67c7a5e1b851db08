// The map of a month: what may be flown over, what was filmed, what nobody looked at. Everything on it comes from
// this service; there is no ground map under it and no other host is asked.

import {
  GeoJSONSource,
  Map as Maplibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type StyleSpecification,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import { useEffect, useRef, useState } from "react";
import { useCoverageMap } from "../api/queries.ts";
import type { GeoJson } from "../api/types.ts";
import { NotOffered, Reading } from "../components/State.tsx";
import { useWords } from "../words/index.ts";
import { extent } from "./extent.ts";

setWorkerUrl(workerUrl);

/** Each layer with how it is drawn; lines differ in their dashes too, so that colour is not the only sign. */
const STYLE: StyleSpecification = {
  version: 8,
  sources: { month: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
  layers: [
    { id: "ground", type: "background", paint: { "background-color": "#f1f3f6" } },
    {
      id: "flyable",
      type: "fill",
      source: "month",
      filter: ["==", ["get", "layer"], "flyable"],
      paint: { "fill-color": "#dfe9f7" },
    },
    {
      id: "filmed",
      type: "fill",
      source: "month",
      filter: ["==", ["get", "layer"], "filmed"],
      paint: { "fill-color": "#2e8b57", "fill-opacity": 0.55 },
    },
    {
      id: "unseen",
      type: "line",
      source: "month",
      filter: ["==", ["get", "layer"], "unseen"],
      paint: { "line-color": "#b01722", "line-width": 1.5, "line-dasharray": [2, 2] },
    },
    {
      id: "no_fly",
      type: "fill",
      source: "month",
      filter: ["==", ["get", "layer"], "no_fly"],
      paint: { "fill-color": "#6b4b4b", "fill-opacity": 0.45 },
    },
    {
      id: "edges",
      type: "line",
      source: "month",
      filter: ["in", ["get", "layer"], ["literal", ["flyable", "no_fly"]]],
      paint: { "line-color": "#123a73", "line-width": 1.5 },
    },
    {
      id: "reach",
      type: "line",
      source: "month",
      filter: ["==", ["get", "layer"], "reach"],
      paint: { "line-color": "#4b2a86", "line-width": 1.5, "line-dasharray": [6, 3] },
    },
    {
      id: "track",
      type: "line",
      source: "month",
      filter: ["==", ["get", "layer"], "track"],
      paint: { "line-color": "#111", "line-width": 1 },
    },
    {
      id: "dock",
      type: "circle",
      source: "month",
      filter: ["==", ["get", "layer"], "dock"],
      paint: { "circle-radius": 6, "circle-color": "#4b2a86", "circle-stroke-color": "#fff", "circle-stroke-width": 2 },
    },
  ],
};

const LEGEND = ["flyable", "covered", "unseen", "no_fly", "dock", "reach", "track"] as const;

export default function CoverageMap({ month }: { month: string }) {
  return (
    <Reading of={useCoverageMap(month, true)}>
      {(data) => (data === null ? <NotOffered command="reelproof coverage --geojson" /> : <Drawn data={data} />)}
    </Reading>
  );
}

function Drawn({ data }: { data: GeoJson }) {
  const { t } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!place.current) return;
    let map: Maplibre;
    try {
      map = new Maplibre({
        container: place.current,
        style: STYLE,
        attributionControl: false,
        bounds: extent(data) ?? undefined,
        fitBoundsOptions: { padding: 30 },
      });
    } catch {
      setFailed(true);
      return;
    }
    map.addControl(new NavigationControl({ showCompass: false }));
    map.addControl(new ScaleControl());
    map.on("load", () => {
      const source = map.getSource("month");
      if (source instanceof GeoJSONSource) source.setData(data as unknown as Parameters<GeoJSONSource["setData"]>[0]);
    });
    return () => map.remove();
  }, [data]);
  if (failed) return <p className="hint">{t("drones.map_failed")}</p>;
  return (
    <>
      <div ref={place} className="map" role="region" aria-label={t("drones.map_label")} />
      <ul className="legend">
        {LEGEND.map((kind) => (
          <li key={kind}>
            <span className={`swatch map-${kind}`} />
            {t(`drones.kinds.${kind}`)}
          </li>
        ))}
      </ul>
    </>
  );
}
