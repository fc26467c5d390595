//! Resource names: tenants and jobs.

use std::sync::Arc;

use super::InvalidField;
use super::limits::MAX_SEGMENT_BYTES;
use super::text::{has_control, validated_text};

/// A tenant's resource name, `projects/{project}/tenants/{tenant}`: the parent of every event.
///
/// ```
/// use talent_events::TenantName;
///
/// let tenant: TenantName = "projects/acme/tenants/board".parse()?;
/// assert_eq!((tenant.project(), tenant.tenant()), ("acme", "board"));
///
/// let error = "projects/acme/tenants/".parse::<TenantName>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"`tenant name`: expected projects/{project}/tenants/{tenant}, found an empty tenant segment in "projects/acme/tenants/""#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantName(Arc<str>);

validated_text!(TenantName, "`projects/{project}/tenants/{tenant}`");

impl TenantName {
    fn check(text: &str) -> Result<(), InvalidField> {
        segments(text, "tenant name", TENANT_FORMAT).map(|[_, _]| ())
    }

    /// The project's id or number.
    pub fn project(&self) -> &str {
        segment(&self.0, 1)
    }

    /// The tenant's own id.
    pub fn tenant(&self) -> &str {
        segment(&self.0, 3)
    }

    /// The name without its project, `tenants/{tenant}`. Two names of one tenant have it in common: a project has an id
    /// and a number, so the project is never compared.
    pub fn without_project(&self) -> &str {
        without_project(&self.0)
    }

    /// The name of this tenant's job with this id.
    pub fn job(&self, id: impl AsRef<str>) -> Result<JobName, InvalidField> {
        let id = id.as_ref();
        check_segment("job", id, id, "job id", JOB_ID_FORMAT)?;
        Ok(JobName(format!("{self}/jobs/{id}").into()))
    }
}

/// A job's resource name, `projects/{project}/tenants/{tenant}/jobs/{job}`.
///
/// ```
/// use talent_events::{JobName, TenantName};
///
/// let tenant: TenantName = "projects/acme/tenants/board".parse()?;
/// let job: JobName = "projects/acme/tenants/board/jobs/42".parse()?;
/// assert_eq!(job, tenant.job("42")?);
/// assert_eq!(job.job(), "42");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobName(Arc<str>);

validated_text!(JobName, "`projects/{project}/tenants/{tenant}/jobs/{job}`");

impl JobName {
    pub(super) fn check(text: &str) -> Result<(), InvalidField> {
        segments(text, "job name", JOB_FORMAT).map(|[_, _, _]| ())
    }

    /// Whether [`new`](Self::new) takes the text, or [`TenantName::job`] if it has no `/`: known while a crate is compiled.
    pub(crate) const fn is_name_or_bare_id(text: &str) -> bool {
        let words: [&[u8]; 6] = [b"projects", b"", b"tenants", b"", b"jobs", b""];
        let (mut rest, mut index) = (text, 0);
        loop {
            let end = first_slash(rest);
            let (segment, behind) = rest.split_at(end);
            let is_last = behind.is_empty();
            let is_variable = index % 2 == 1 || index == 0 && is_last;
            let is_right = match is_variable {
                true => fault(segment).is_none(),
                false => index < words.len() && same(segment.as_bytes(), words[index]),
            };
            if !is_right || index >= words.len() {
                return false;
            }
            if is_last {
                return index == 0 || index + 1 == words.len();
            }
            rest = behind.split_at(1).1;
            index += 1;
        }
    }

    /// The project's id or number.
    pub fn project(&self) -> &str {
        segment(&self.0, 1)
    }

    /// The id of the tenant that has the job.
    pub fn tenant(&self) -> &str {
        segment(&self.0, 3)
    }

    /// The job's own id.
    pub fn job(&self) -> &str {
        segment(&self.0, 5)
    }

    /// The name without its project, `tenants/{tenant}/jobs/{job}`. Two names of one job have it in common: a project
    /// has an id and a number, so the project is never compared.
    ///
    /// ```
    /// # use talent_events::JobName;
    /// let by_id: JobName = "projects/acme/tenants/board/jobs/42".parse()?;
    /// let by_number: JobName = "projects/123/tenants/board/jobs/42".parse()?;
    /// assert_eq!(by_id.without_project(), by_number.without_project());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_project(&self) -> &str {
        without_project(&self.0)
    }
}

const TENANT_FORMAT: &str = "projects/{project}/tenants/{tenant}";
const JOB_FORMAT: &str = "projects/{project}/tenants/{tenant}/jobs/{job}";
const JOB_ID_FORMAT: &str = "a bare job id without `/`, or projects/{project}/tenants/{tenant}/jobs/{job}";

/// Whether the text is a bare job id, which is expanded with the tenant.
pub(super) fn is_bare_id(text: &str) -> bool {
    !text.contains('/')
}

/// Checks a bare job id.
pub(super) fn check_job_id(id: &str) -> Result<(), InvalidField> {
    check_segment("job", id, id, "job id", JOB_ID_FORMAT)
}

/// The tenant segment of a checked job name.
pub(super) fn tenant_of(job: &str) -> &str {
    segment(job, 3)
}

/// What a checked name holds after its project. The only place that knows how names are compared.
pub(super) fn without_project(name: &str) -> &str {
    name.splitn(3, '/').nth(2).unwrap_or_default()
}

fn segment(name: &str, index: usize) -> &str {
    name.split('/').nth(index).unwrap_or_default()
}

/// The variable segments of `text` read by `format`, whose words alternate: a literal, then a name in braces.
fn segments<'t, const N: usize>(
    text: &'t str,
    field: &'static str,
    format: &'static str,
) -> Result<[&'t str; N], InvalidField> {
    let wrong = |found: String| InvalidField::new(field, found, format);
    let mut found = [""; N];
    let mut parts = text.split('/');
    let mut formats = format.split('/');
    for slot in &mut found {
        let (Some(literal), Some(variable)) = (formats.next(), formats.next()) else { break };
        let variable = variable.trim_matches(['{', '}']);
        match parts.next() {
            Some(part) if part == literal => {}
            Some("") if text.is_empty() => return Err(wrong("an empty text".into())),
            Some(part) => {
                return Err(wrong(format!(
                    "{} where `{literal}` should stand, in {}",
                    InvalidField::quote(part),
                    InvalidField::quote(text)
                )));
            }
            None => return Err(wrong(format!("no `{literal}/{{{variable}}}` in {}", InvalidField::quote(text)))),
        }
        let Some(part) = parts.next() else {
            return Err(wrong(format!("no {variable} segment in {}", InvalidField::quote(text))));
        };
        check_segment(variable, part, text, field, format)?;
        *slot = part;
    }
    match parts.next() {
        None => Ok(found),
        Some(more) => Err(wrong(format!(
            "{} after the last segment, in {}",
            InvalidField::quote(&format!("/{more}")),
            InvalidField::quote(text)
        ))),
    }
}

fn check_segment(
    variable: &str,
    segment: &str,
    text: &str,
    field: &'static str,
    format: &'static str,
) -> Result<(), InvalidField> {
    let Some(fault) = fault(segment) else { return Ok(()) };
    let what = match fault {
        Fault::Empty => format!("an empty {variable} segment"),
        Fault::TooLong => {
            format!("a {variable} segment of {} bytes (at most {MAX_SEGMENT_BYTES})", segment.len())
        }
        Fault::Slash => format!("a `/` inside the {variable} segment"),
        Fault::Control => {
            let control = segment.chars().find(|c| c.is_control()).unwrap_or_default();
            format!("the control character {control:?} in the {variable} segment")
        }
    };
    Err(InvalidField::new(field, format!("{what} in {}", InvalidField::quote(text)), format))
}

/// What no variable segment of a name, and no bare id, may be.
enum Fault {
    Empty,
    TooLong,
    Slash,
    Control,
}

/// The one rule of segments and bare ids, at run time and while a crate is compiled.
const fn fault(segment: &str) -> Option<Fault> {
    if segment.is_empty() {
        Some(Fault::Empty)
    } else if segment.len() > MAX_SEGMENT_BYTES {
        Some(Fault::TooLong)
    } else if first_slash(segment) < segment.len() {
        Some(Fault::Slash)
    } else if has_control(segment) {
        Some(Fault::Control)
    } else {
        None
    }
}

/// Where the first `/` is, or the end.
const fn first_slash(text: &str) -> usize {
    let mut i = 0;
    while i < text.len() && text.as_bytes()[i] != b'/' {
        i += 1;
    }
    i
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_job_is_judged_as_at_run_time() {
        let tenant: TenantName = "projects/p/tenants/t".parse().unwrap();
        let [fits, long] = [255, 256].map(|n| "x".repeat(n));
        let full = |job: &str| format!("projects/p/tenants/t/jobs/{job}");
        for name in [
            "",
            "/",
            "42",
            "stellenangebot-ä",
            "a\tb",
            &fits,
            &long,
            "projects",
            "projects/",
            "projects/p",
            "projects/p/tenants/t",
            "projects/p/tenants/t/jobs",
            "projects/p/tenants/t/jobs/",
            "projects/p/tenants/t/jobs/1",
            "projects/p/tenants/t/jobs/1/",
            "projects/p/tenants/t/jobs/1/2",
            "projects//tenants/t/jobs/1",
            "project/p/tenants/t/jobs/1",
            "projects/p/companies/t/jobs/1",
            "projects/p/tenants/t/job/1",
            "/projects/p/tenants/t/jobs/1",
            "projects/p/tenants/t/jobs/\u{85}",
            &full(&fits),
            &full(&long),
        ] {
            let expected = if name.contains('/') { JobName::new(name).is_ok() } else { tenant.job(name).is_ok() };
            assert_eq!(JobName::is_name_or_bare_id(name), expected, "{name:?}");
        }
    }
}
