import { type HubSettings, hubSettings } from "../../hub/hubSettings.ts";

/**
 * How the hub is reached for someone: as the environment says, with a token of their own where they have one.
 * @throws LimnerError `usage` for an endpoint that is no address
 */
export function hubAccess(token?: string): HubSettings {
  const settings = hubSettings();
  return token === undefined ? settings : { ...settings, token };
}
