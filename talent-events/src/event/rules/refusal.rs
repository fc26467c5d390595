//! The reasons why an event cannot follow, one for each rule and direction.

use std::fmt;

use super::rule::*;

/// The reasons as rows, for the two macros that make values and types of them: name, its trait for the compiler, the
/// rule that it keeps if there is one, the note on its source, the sentence.
macro_rules! reasons {
    ($make:ident) => {
        $make! {
            /// A quick submission, and the application was started.
            QuickAfterStart AllowsQuickAfterStart of QUICK_ALONE "source: Google, rule quick-alone":
                "a quick submission cannot stand beside a started application: Google says to send it without \
                 APPLICATION_START, so when the application is submitted, send APPLICATION_FINISH";
            /// A start or a finish, and there was a quick submission.
            AfterQuick AllowsMoreAfterQuick of QUICK_ALONE "source: Google, rule quick-alone":
                "an application by quick submission is complete: Google says to send it without APPLICATION_START and \
                 APPLICATION_FINISH, so where there is a form to fill in, send these two instead of it";
            /// A start from the search, and the job was viewed.
            StartFromSearchAfterView AllowsStartFromSearchAfterView of START_FROM_SEARCH_NO_VIEW "source: Google, rule start-from-search-no-view":
                "an application cannot start from the search when the job was viewed: Google says to send no VIEW with \
                 APPLICATION_START_FROM_SEARCH, so send APPLICATION_START";
            /// A view, and the application was started from the search.
            ViewAfterStartFromSearch AllowsViewAfterStartFromSearch of START_FROM_SEARCH_NO_VIEW "source: Google, rule start-from-search-no-view":
                "a view cannot stand beside an application that started from the search: Google says to send no VIEW with \
                 APPLICATION_START_FROM_SEARCH";
            /// A redirect from the search, and the job was viewed or the application started.
            RedirectFromSearchNotAlone AllowsRedirectFromSearchBeside of REDIRECT_FROM_SEARCH_ALONE "source: Google, rule redirect-from-search-alone":
                "a redirect from the search cannot stand beside a view or a start: Google says to send it without VIEW, \
                 APPLICATION_START and APPLICATION_FINISH, so send APPLICATION_REDIRECT";
            /// A view, start or finish, and there was a redirect from the search.
            AfterRedirectFromSearch AllowsMoreAfterRedirectFromSearch of REDIRECT_FROM_SEARCH_ALONE "source: Google, rule redirect-from-search-alone":
                "nothing but what came of the application can follow a redirect from the search: Google says to send it \
                 without VIEW, APPLICATION_START and APPLICATION_FINISH";
            /// An interview or a hire, and there was no application.
            HireWithoutApplication AllowsHireWithoutApplication of HIRE_NEEDS_APPLICATION "source: inferred from Google's words, rule hire-needs-application":
                "an interview or a hire needs an application before it: record how it was made, by whomever";
            /// A start or a redirect from the search, and the job was viewed on another site.
            FromSearchAfterViewElsewhere AllowsFromSearchAfterViewElsewhere "source: ours":
                "the job was viewed on another site, so the application does not come straight from the search: send \
                 APPLICATION_START or APPLICATION_REDIRECT";
            /// A start, and the application was started.
            StartedAlready AllowsStartAgain of STEP_REPEATED "source: ours, rule step-repeated":
                "the application started already: an application starts once";
            /// A view or an application in other ways, and the application was started from the search.
            AfterStartFromSearch AllowsOtherWaysAfterStart "source: ours":
                "the application started from the search without a view of the job: it goes on with APPLICATION_FINISH or \
                 APPLICATION_REDIRECT";
            /// An earlier step, and somebody applied.
            AppliedAlready AllowsApplyAgain "source: ours":
                "the application was submitted already: what can follow is an interview or a hire";
            /// An earlier step, and applying led to another site.
            LeftForAnotherSite AllowsReturnFromAnotherSite "source: ours":
                "applying led to another site: what can follow is what came of the application";
            /// An earlier step or another interview, and an interview was granted.
            InterviewedAlready AllowsStepsAfterInterview "source: ours":
                "an interview was granted already: what can follow is a hire";
            /// A further step, and the applicant was hired.
            HiredAlready AllowsStepsAfterHire "source: ours":
                "the applicant was hired already: the application is at its end";
            /// An impression or a notification.
            NotOfOneApplication AllowsOtherThanApplication "source: ours":
                "impressions and notifications belong to a search or an alert, not to one application: send them by themselves";
        }
    };
}
pub(super) use reasons;

macro_rules! values {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $allows:ident $(of $rule:ident)? $source:literal: $sentence:literal;
    )+) => {
        /// Why the table of [`Stage`](super::Stage) refuses an event.
        ///
        /// A reason that keeps a rule between events has the rule's source. The others are ours: a stage cannot
        /// remember everything, so the table refuses more than the rules do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CannotFollow {
            $($(#[doc = $doc])+ $name,)+
        }

        impl CannotFollow {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The rule between events that it keeps from being broken, if it is one.
            pub const fn rule(self) -> Option<&'static Rule> {
                match self {
                    $(Self::$name => values!(@rule $($rule)?),)+
                }
            }

            /// The compiler's note on the source.
            #[doc(hidden)]
            pub const fn note(self) -> &'static str {
                match self {
                    $(Self::$name => $source,)+
                }
            }

            /// What is wrong and what to do, as one sentence in lower case without a full stop.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)+
                }
            }
        }
    };
    (@rule $rule:ident) => { Some(&$rule) };
    (@rule) => { None };
}

reasons!(values);

impl CannotFollow {
    /// Who says so: the rule's source, or ours where there is no rule.
    pub const fn source(self) -> Source {
        match self.rule() {
            Some(rule) => rule.source(),
            None => Source::Ours,
        }
    }
}

/// The sentence, then the source and the rule's id.
impl fmt::Display for CannotFollow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.sentence(), self.source())?;
        match self.rule() {
            Some(rule) => write!(f, ", {})", rule.id()),
            None => f.write_str(")"),
        }
    }
}
