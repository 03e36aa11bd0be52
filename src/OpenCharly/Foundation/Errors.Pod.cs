namespace OpenCharly.Foundation;

/// <content>Pods: entries, images, ports, volumes, tunnels, the engines that run them (pod.md §18).</content>
public static partial class Errors
{
    /// <summary>A field of a pod entry that can't be what it is.</summary>
    public static readonly ErrorCode PodEntry = new("pod.entry", ErrorKind.Usage);

    /// <summary>A key that can't name a pod, or is addressed in two ways at once.</summary>
    public static readonly ErrorCode PodKey = new("pod.key", ErrorKind.Usage);

    /// <summary>Two deploy keys would share one container name.</summary>
    public static readonly ErrorCode PodCollision = new("pod.name_collision", ErrorKind.Usage);

    /// <summary>Nothing of that name is configured, running or in the per-host file.</summary>
    public static readonly ErrorCode PodNotFound = new("pod.not_found", ErrorKind.NotFound);

    /// <summary>The pod has no quadlet and no entry that one could be made of.</summary>
    public static readonly ErrorCode PodNotConfigured = new("pod.not_configured", ErrorKind.WrongState);

    /// <summary>The pod's container is not running.</summary>
    public static readonly ErrorCode PodNotRunning = new("pod.not_running", ErrorKind.WrongState);

    /// <summary>The pod runs, and what is asked for needs it stopped.</summary>
    public static readonly ErrorCode PodRunning = new("pod.running", ErrorKind.WrongState);

    /// <summary>The engine could not copy files into or out of a container.</summary>
    public static readonly ErrorCode PodCopy = new("pod.copy", ErrorKind.Failed);

    /// <summary>A port mapping that can't be read, or a port that can't be had.</summary>
    public static readonly ErrorCode PodPort = new("pod.port", ErrorKind.Usage);

    /// <summary>A published port is taken by somebody else.</summary>
    public static readonly ErrorCode PodPortTaken = new("pod.port_taken", ErrorKind.WrongState);

    /// <summary>A malformed choice of a volume, or a path that can't be mounted.</summary>
    public static readonly ErrorCode PodVolume = new("pod.volume", ErrorKind.Usage);

    /// <summary>A variable that can't be written, or an environment file that is missing or malformed.</summary>
    public static readonly ErrorCode PodEnvironment = new("pod.environment", ErrorKind.Usage);

    /// <summary>A variable or secret that the image requires has no value.</summary>
    public static readonly ErrorCode PodRequirement = new("pod.requirement", ErrorKind.Usage);

    /// <summary>The source of a secret is missing or malformed.</summary>
    public static readonly ErrorCode PodSecret = new("pod.secret", ErrorKind.Usage);

    /// <summary>A template in what a pod provides is not known.</summary>
    public static readonly ErrorCode PodTemplate = new("pod.template", ErrorKind.Usage);

    /// <summary>A sidecar without image, with an unknown template or without a required parameter.</summary>
    public static readonly ErrorCode PodSidecar = new("pod.sidecar", ErrorKind.Usage);

    /// <summary>Rules of a tunnel that contradict each other or the ports.</summary>
    public static readonly ErrorCode PodTunnel = new("pod.tunnel", ErrorKind.Usage);

    /// <summary>An encrypted volume is not set up, not mounted, or would be written in plain text.</summary>
    public static readonly ErrorCode PodEncryption = new("pod.encryption", ErrorKind.Refused);

    /// <summary>The service manager can't be used, or refused.</summary>
    public static readonly ErrorCode PodService = new("pod.service", ErrorKind.Failed);

    /// <summary>A service that the image of a pod does not name.</summary>
    public static readonly ErrorCode PodServiceUnknown = new("pod.service_unknown", ErrorKind.NotFound);

    /// <summary>Services of an image whose init system can't be asked for them.</summary>
    public static readonly ErrorCode PodInit = new("pod.init", ErrorKind.Usage);

    /// <summary>A setting has a value that it can't have.</summary>
    public static readonly ErrorCode PodSetting = new("pod.setting", ErrorKind.Usage);
}
