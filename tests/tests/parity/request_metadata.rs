//! RequestMetadata and DeviceInfo shared by search and events; request_id = session_id.

use talent_events::sequence::{DeviceInfo, DeviceType, RequestMetadata};
use talent_events::wire::{self, ResponseMetadata};
use talent_events::{JobEventType, SearchSession};

use crate::description::create_client_event;
use crate::{Result, SEARCH, broken, service};

fn metadata() -> Result<RequestMetadata> {
    let device = DeviceInfo::new(DeviceType::Web).with_id("device-id-browser-123")?;
    let builder = RequestMetadata::builder().domain("mycompany.com").session_id("user-session-789");
    Ok(builder.user_id("user-12345").device_info(device).build()?)
}

#[tokio::test]
async fn the_search_is_told_of_the_user_and_the_events_of_the_search() -> Result {
    let service = service().await;
    let metadata = metadata()?;

    // As the app's own search call would have it.
    let asked = wire::RequestMetadata::from(&metadata);
    assert_eq!(asked.domain, "mycompany.com");
    assert_eq!((asked.session_id.as_str(), asked.user_id.as_str()), ("user-session-789", "user-12345"));
    let device = asked.device_info.ok_or("a device")?;
    assert_eq!(
        (device.device_type(), device.id.as_str()),
        (wire::device_info::DeviceType::Web, "device-id-browser-123")
    );
    let answered = ResponseMetadata { request_id: SEARCH.into() };

    let session = SearchSession::begin(&service.to, &answered)?.with_request_metadata(metadata.clone());
    session.impressions(["1", "2"]).await?;
    session.view("1").await?;
    assert_eq!(session.request_metadata(), Some(&metadata));
    assert_eq!(broken(&service), [""; 0]);
    assert_eq!(service.kept_and_discarded(), (2, 0));
    let events = format!("{:?}", service.events());
    assert!(!events.contains("user-12345") && !events.contains("user-session-789"), "{events}");
    Ok(())
}

#[tokio::test]
async fn a_session_id_is_no_request_id() -> Result {
    let service = service().await;
    let metadata = metadata()?;
    create_client_event(&service.to, metadata.session_id(), JobEventType::View, &["1"], "").await?;
    assert_eq!(broken(&service), ["impressions-none", "request-id-synthetic"]);
    assert_eq!(service.kept_and_discarded(), (0, 1));

    service.clear();
    let session = SearchSession::for_session_id(&service.to, metadata.session_id())?;
    session.impressions(["1"]).await?;
    session.view("1").await?;
    assert_eq!(broken(&service), ["request-id-synthetic"]);
    Ok(())
}
