//! Resource names: whose events these are, and which jobs they are about.

use std::sync::Arc;

use super::limits::MAX_SEGMENT_BYTES;
use super::text::validated_text;
use super::{InvalidField, limits};

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
/// # Ok::<(), talent_events::InvalidField>(())
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
/// # Ok::<(), talent_events::InvalidField>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobName(Arc<str>);

validated_text!(JobName, "`projects/{project}/tenants/{tenant}/jobs/{job}`");

impl JobName {
    pub(super) fn check(text: &str) -> Result<(), InvalidField> {
        segments(text, "job name", JOB_FORMAT).map(|[_, _, _]| ())
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

/// Whether the text is no resource name but a bare job id, to be expanded with the tenant.
pub(super) fn is_bare_id(text: &str) -> bool {
    !text.contains('/')
}

/// A bare job id, or the complaint about it.
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
    let wrong = |what: &str| InvalidField::new(field, format!("{what} in {}", InvalidField::quote(text)), format);
    if segment.is_empty() {
        return Err(wrong(&format!("an empty {variable} segment")));
    }
    if segment.len() > limits::MAX_SEGMENT_BYTES {
        return Err(wrong(&format!("a {variable} segment of {} bytes (at most {MAX_SEGMENT_BYTES})", segment.len())));
    }
    if segment.contains('/') {
        return Err(wrong(&format!("a `/` inside the {variable} segment")));
    }
    if let Some(c) = segment.chars().find(|c| c.is_control()) {
        return Err(wrong(&format!("the control character {c:?} in the {variable} segment")));
    }
    Ok(())
}
