import "./styles/base.css";
import "./styles/layout.css";
import "./styles/alert.css";
import "./styles/drop-zone.css";
import "./styles/card.css";
import "./styles/pictures.css";
import "./styles/deliveries.css";
import { render } from "preact";
import { App } from "./app.tsx";

render(<App />, document.body);
