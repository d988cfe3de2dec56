//! Single elements: what they can do that a view cannot say.

use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent,
};

/// How close to the bottom of a timeline still counts as being there, in pixels.
const BOTTOM_SLACK: i32 = 32;
/// How close to the top older messages begin to load, in pixels.
const TOP_SLACK: i32 = 600;

/// Gives an element the keyboard.
pub fn focus(element: &HtmlElement) {
    let _ = element.focus();
}

/// Selects all that stands in a field.
pub fn select_all(field: &HtmlInputElement) {
    field.select();
}

/// Gives the element of this id the keyboard, if it is on the page.
pub fn focus_id(id: &str) {
    let found = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = found {
        focus(&element);
    }
}

/// The id of the element that has the keyboard, where it has one.
#[must_use]
pub fn focused_id() -> Option<String> {
    let focused = web_sys::window()?.document()?.active_element()?;
    Some(focused.id()).filter(|id| !id.is_empty())
}

/// Gives the keyboard to the first element of a kind inside another.
pub fn focus_first(inside: &Element, kind: &str) {
    let first = inside.query_selector(kind).ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        focus(&first);
    }
}

/// Gives the keyboard to the one of the elements of a kind, inside of the nearest `around`, that
/// stands `step` places behind the one where an event happened. At either end it stays.
pub fn focus_beside(event: &Event, around: &str, kind: &str, step: i32) {
    let Some(here) = target(event).and_then(|target| target.closest(kind).ok()?) else {
        return;
    };
    let all = here.closest(around).ok().flatten();
    let Some(all) = all.and_then(|around| around.query_selector_all(kind).ok()) else {
        return;
    };
    let at = (0..all.length()).find(|&at| all.item(at).as_ref() == Some(here.as_ref()));
    let beside = at
        .and_then(|at| all.item(at.checked_add_signed(step)?))
        .and_then(|node| node.dyn_into::<HtmlElement>().ok());
    if let Some(beside) = beside {
        focus(&beside);
    }
}

/// Lets the left and right arrows lead from one button of a row to the next; other keys are not its.
pub fn move_focus_along(event: &KeyboardEvent, row: &str) {
    let step = match event.key().as_str() {
        "ArrowLeft" => -1,
        "ArrowRight" => 1,
        _ => return,
    };
    event.prevent_default();
    focus_beside(event, row, "button", step);
}

/// Whether an event happened in an element of a kind.
#[must_use]
pub fn is_inside(event: &Event, kind: &str) -> bool {
    let found = target(event).and_then(|target| target.closest(kind).ok());
    found.flatten().is_some()
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()
}

/// Opens a dialog over the page. The browser keeps the keyboard inside it, closes it on Escape,
/// and gives the keyboard back to where it was.
pub fn open_dialog(dialog: &HtmlDialogElement) {
    if !dialog.open() {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog.
pub fn close_dialog(dialog: &HtmlDialogElement) {
    if dialog.open() {
        dialog.close();
    }
}

/// Whether a click on a dialog fell beside it, on what lies behind: that counts as the element
/// itself, outside its box.
#[must_use]
pub fn is_backdrop(event: &MouseEvent, dialog: &Element) -> bool {
    let is_itself = target(event);
    let area = dialog.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    let is_inside =
        (area.left()..=area.right()).contains(&x) && (area.top()..=area.bottom()).contains(&y);
    // A key press on a button inside also comes as a click, at 0, 0 and with no count.
    is_itself.as_ref() == Some(dialog) && !is_inside && event.detail() > 0
}

/// Whether a timeline shows its newest row. (It is laid out in reverse: 0 is the bottom, and above
/// it the numbers are negative.)
#[must_use]
pub fn is_at_bottom(timeline: &Element) -> bool {
    timeline.scroll_top() >= -BOTTOM_SLACK
}

/// Whether the top of a timeline is near enough to load what comes before it.
#[must_use]
pub fn is_near_top(timeline: &Element) -> bool {
    let above = timeline.scroll_height() - timeline.client_height() + timeline.scroll_top();
    above < TOP_SLACK
}

/// The newest message drawn in a timeline, and how far its end is from the end of all rows.
#[derive(Clone)]
pub struct ScrollAnchor {
    message: Element,
    gap: f64,
}

/// Remembers the newest message drawn, by which to keep the place when more come below it.
#[must_use]
pub fn scroll_anchor(timeline: &Element) -> Option<ScrollAnchor> {
    let all = timeline.query_selector_all(".message").ok()?;
    let message = all
        .item(all.length().checked_sub(1)?)?
        .dyn_into::<Element>()
        .ok()?;
    let gap = gap_below(timeline, &message)?;
    Some(ScrollAnchor { message, gap })
}

/// Scrolls a timeline so that what stood on the screen stays there, after rows were added below.
/// (What is added above moves nothing: the layout is reversed, and measured from the bottom.)
pub fn restore_scroll(timeline: &Element, scroll_anchor: &ScrollAnchor) {
    if !scroll_anchor.message.is_connected() {
        return;
    }
    if let Some(gap) = gap_below(timeline, &scroll_anchor.message) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a height on a screen, in pixels"
        )]
        let grown = (gap - scroll_anchor.gap).round() as i32;
        if grown != 0 {
            timeline.set_scroll_top(timeline.scroll_top() - grown);
        }
    }
}

fn gap_below(timeline: &Element, message: &Element) -> Option<f64> {
    let rows = timeline.query_selector(".rows").ok()??;
    Some(rows.get_bounding_client_rect().bottom() - message.get_bounding_client_rect().bottom())
}

/// Brings a timeline to its newest row.
pub fn scroll_to_bottom(timeline: &Element) {
    timeline.set_scroll_top(0);
}
