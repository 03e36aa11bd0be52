param([Parameter(Mandatory)] [string] $Module)

Describe 'Clusters and leases' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folders = New-TestHome (Join-Path $TestDrive 'home')
        $old = Use-TestHome $folders
        $project = Join-Path $TestDrive 'project'
        $null = New-Item -ItemType Directory (Join-Path $project 'clusters')
        Set-Content (Join-Path $project 'charly.yml') @'
version: 2026.163.0928
k8s:
  dev: {kubeconfig_context: dev}
deploy:
  web: {target: k8s, k8s: dev, box: nothing-of-that-name}
'@
        Set-Content (Join-Path $project 'clusters/production.yaml') 'kubeconfig_context: production'
        Push-Location $project

        # Stands in for the container engine: one box, named tool.
        $bin = Join-Path $TestDrive 'bin'
        $null = New-Item -ItemType Directory $bin
        Set-Content (Join-Path $bin 'podman') @'
#!/bin/sh
echo '[{"Id":"01","Names":["localhost/tool:2026.150.0001"],"Labels":{"ai.opencharly.version":"2026.150.0001","ai.opencharly.box":"tool","ai.opencharly.port":"[\"80\"]"}}]'
'@
        chmod +x (Join-Path $bin 'podman')
        $path = $env:PATH
        $env:PATH = "${bin}:$path"
        $leases = Join-Path $folders.XDG_DATA_HOME 'charly/preemption/leases.yml'
    }

    AfterAll {
        Pop-Location
        $env:PATH = $path
        Reset-TestHome $old
    }

    It 'say what would be written, and write nothing' {
        $plan = Export-CharlyKubernetes web tool -DryRun
        $plan | Should -BeOfType OpenCharly.Plans.InstallPlan
        $plan.Files.Keys | Should -Contain '.opencharly/k8s/web/base/deployment.yaml'
        Export-CharlyKubernetes web tool -WhatIf
        Test-Path .opencharly | Should -BeFalse
    }

    It 'write the tree of a deployment from the pipeline, once' {
        $result = 'web' | Export-CharlyKubernetes -Ref tool
        $result | Should -BeOfType OpenCharly.Targets.DeployResult
        $result.Changed | Should -BeTrue
        $result.Items | Should -Contain '.opencharly/k8s/web/overlays/default/kustomization.yaml'
        (Export-CharlyKubernetes web tool).Changed | Should -BeFalse
        (Export-CharlyKubernetes web tool -Cluster production).Items | Should -HaveCount $result.Items.Count
        (Get-CharlyBundle web).Status | Should -Be 'generated'
    }

    It 'are completed by name' {
        $line = 'Export-CharlyKubernetes web -Cluster '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'dev', 'production'
    }

    It 'tell an image that is not here, and a profile that is nowhere' {
        Export-CharlyKubernetes web -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'ErrImageNotLocal,*'
        Export-CharlyKubernetes web tool -Cluster prodution -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'k8s.profile_not_found,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Be 'Did you mean "production"?'
    }

    It 'list leases, and end those that were left behind' {
        Get-CharlyLease | Should -BeNullOrEmpty
        $null = New-Item -ItemType Directory -Force (Split-Path $leases)
        Set-Content $leases @'
leases:
  - claimant: vm:bench
    claim: {name: "vm:bench", target: vm, base: "", instance: "", vm: bench}
    tokens: [gpu]
    transient: false
    preempted: []
    owner_pid: 2147483647
    created: "2026-06-12T09:40:11Z"
'@
        $lease = Get-CharlyLease -Stranded
        $lease | Should -BeOfType OpenCharly.Arbitration.LeaseStatus
        $lease.State | Should -Be 'STRANDED'
        $line = 'Restore-CharlyLease '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'vm:bench'
        Restore-CharlyLease -WhatIf
        Get-CharlyLease 'vm:*' | Should -HaveCount 1
        ($lease | Restore-CharlyLease).IsEnded | Should -BeTrue
        Get-CharlyLease | Should -BeNullOrEmpty
        Restore-CharlyLease nobody -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'lease.not_found,*'
    }
}
