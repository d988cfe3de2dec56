//! What a user does and sees on the page: each waits until it can be done or seen.

use crate::browser::Browser;
use crate::wait::eventually;
use thirtyfour::prelude::*;

impl Browser {
    /// Waits for an element that is displayed.
    pub async fn wait_for(&self, css: &str) -> WebElement {
        eventually(&self.said("to see", css), || async {
            let element = self.web.find(By::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// Waits until one of the elements contains a text, and gives back that element's whole text.
    pub async fn wait_text(&self, css: &str, text: &str) -> String {
        eventually(&self.said(&format!("to read {text:?} in"), css), || async {
            self.texts(css)
                .await
                .into_iter()
                .find(|found| found.contains(text))
        })
        .await
    }

    /// Waits until no such element is displayed any more.
    pub async fn wait_gone(&self, css: &str) {
        eventually(&self.said("to see the last of", css), || async {
            for element in self.web.find_all(By::Css(css)).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    /// Waits until a JavaScript expression is true.
    pub async fn wait_script(&self, expression: &str) {
        let body = format!("return Boolean({expression})");
        eventually(&self.said("to find true", expression), || async {
            (self.script(&body).await == true).then_some(())
        })
        .await;
    }

    /// The texts of all such elements, in the order of the page; without those that went away while
    /// they were being read.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.web.find_all(By::Css(css)).await.unwrap_or_default() {
            texts.extend(element.text().await);
        }
        texts
    }

    /// Clicks an element as soon as it can be clicked.
    pub async fn click(&self, css: &str) {
        eventually(&self.said("to click", css), || async {
            self.web.find(By::Css(css)).await.ok()?.click().await.ok()
        })
        .await;
    }

    /// Moves the mouse to the middle of an element.
    pub async fn hover(&self, css: &str) {
        eventually(&self.said("to point at", css), || async {
            let element = self.web.find(By::Css(css)).await.ok()?;
            let mouse = self.web.action_chain();
            mouse.move_to_element_center(&element).perform().await.ok()
        })
        .await;
    }

    /// Empties a field and types into it, keys such as `Key::Enter` included.
    pub async fn fill(&self, css: &str, keys: impl Into<TypingData>) {
        let field = self.wait_for(css).await;
        self.expect("empty a field", field.clear().await);
        self.expect("type", field.send_keys(keys).await);
    }

    /// Types into whatever has the focus.
    pub async fn type_keys(&self, keys: impl Into<TypingData>) {
        let focused = self.expect("find the focus", self.web.active_element().await);
        self.expect("type", focused.send_keys(keys).await);
    }

    fn said(&self, what: &str, css: &str) -> String {
        format!("{} wants {what} {css}", self.user())
    }
}
